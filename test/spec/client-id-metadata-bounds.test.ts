/** draft-ietf-oauth-client-id-metadata-document §5.2, §8.7: what strangers ask for shuts out no client that was here before. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { memoryStore } from 'koauthorize/tokens';
import { redirected } from '../support/authorization-server.js';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { type DocumentSetup, documentServer } from '../support/document-server.js';
import { assertErrorHere } from '../support/form.js';

let host: DocumentHost;
let usual: DocumentHost['answer'];

before(async () => {
  host = await documentHost();
  usual = host.answer;
});
after(() => host.close());
beforeEach(() => {
  host.requests.length = 0;
  host.answer = usual;
});

type Made = ReturnType<typeof documentServer>;
const serving = (setup: DocumentSetup = {}): Made => documentServer({ fetch: host.fetch, ...setup });
const asked = (path: string): number => host.requests.filter(({ url }) => url === path).length;

/** A client of a user, and its refresh token. */
async function allowed(made: Made, path: string, headers = {}): Promise<{ id: string; token: string }> {
  const id = host.publish(path, {}, headers);
  const { refresh_token } = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
  return { id, token: refresh_token };
}

/** A stranger names URLs that lead to nothing, until no more are fetched. */
async function exhaust(made: Made, most: number, at = host.origin): Promise<void> {
  for (let i = 0; i < most; i += 1) await made.authorize(`${at}/made-up-${i}.json`);
  assertErrorHere(await made.authorize(`${at}/one-more.json`), 503, 'temporarily_unavailable');
}

/** Requests whose documents do not come, which are held until the end. */
async function held(made: Made, count: number): Promise<() => Promise<void>> {
  const waiting: (() => void)[] = [];
  host.answer = (request, response) =>
    request.url?.startsWith('/slow')
      ? void waiting.push(() => response.writeHead(404).end())
      : usual(request, response);
  const all = Array.from({ length: count }, (_, i) => made.authorize(`${host.origin}/slow-${i}.json`).then(() => {}));
  while (waiting.length < count) await new Promise(setImmediate);
  return async () => {
    for (const end of waiting) end();
    await Promise.all(all);
  };
}

describe('Client ID Metadata Document: a client that a user has allowed something', () => {
  it('is fetched again although a stranger has named as many URLs at its host as are fetched in a minute', async () => {
    const made = serving();
    const { id, token } = await allowed(made, '/known.json');
    made.clock.now += 301;
    await exhaust(made, 30);
    await made.refresh(id, token).expect(200);
    await made.authorize(id).expect(200);
    assert.equal(asked('/known.json'), 2, 'its document was fetched again');
  });

  it('is fetched again although a stranger has named as many slow documents as are fetched at once', async () => {
    const made = serving();
    const { id, token } = await allowed(made, '/known.json');
    made.clock.now += 301;
    const end = await held(made, 20);
    await made.refresh(id, token).expect(200);
    await made.authorize(id).expect(200);
    assert.equal(asked('/known.json'), 2, 'its document was fetched again');
    await end();
  });

  it('is fetched by a process that has no copy of it, whatever strangers named there', async () => {
    const tokenStore = memoryStore();
    const { id, token } = await allowed(serving({ tokenStore }), '/known.json');
    const other = serving({ tokenStore, perHostAndMinute: 2 });
    await exhaust(other, 2);
    await other.refresh(id, token).expect(200);
  });

  it('leaves a host that is asked no more than perHostAndMinute for strangers, and the same for such clients', async () => {
    const tokenStore = memoryStore();
    const one = serving({ tokenStore });
    const known = [];
    for (const path of ['/a.json', '/b.json', '/c.json']) known.push(await allowed(one, path));
    const other = serving({ tokenStore, perHostAndMinute: 2 });
    await exhaust(other, 2);
    host.requests.length = 0;
    const statuses = [];
    for (const { id, token } of known) statuses.push((await other.refresh(id, token)).status);
    assert.deepEqual(statuses, [200, 200, 503]);
    assert.equal(host.requests.length, 2);
  });

  it('leaves no more fetches under way than atOnce for strangers, and the same for such clients', async () => {
    const tokenStore = memoryStore();
    const one = serving({ tokenStore });
    const known = [];
    for (const path of ['/slow-a.json', '/slow-b.json']) known.push(await allowed(one, path));
    const other = serving({ tokenStore, atOnce: 1 });
    const end = await held(other, 1);
    const waiting: (() => void)[] = [];
    host.answer = (request, response) => void waiting.push(() => usual(request, response));
    const [first, second] = known.map(({ id, token }) => other.refresh(id, token));
    const begun = first?.then(({ status }) => status);
    while (waiting.length < 1) await new Promise(setImmediate);
    assert.equal((await second)?.status, 503);
    for (const go of waiting) go();
    assert.equal(await begun, 200);
    await end();
  });

  it('uses the reserved fetches at most once in 30 s when its own document is missing', async () => {
    const tokenStore = memoryStore();
    const one = serving({ tokenStore });
    const [gone, other] = [await allowed(one, '/gone.json'), await allowed(one, '/known.json')];
    const made = serving({ tokenStore, perHostAndMinute: 2 });
    host.answer = (request, response) =>
      request.url === '/gone.json' ? void response.writeHead(404).end() : usual(request, response);
    for (let i = 0; i < 9; i += 1) await made.authorize(gone.id); // the first counts for such clients, two for strangers
    await made.refresh(other.id, other.token).expect(200);
    assert.equal(asked('/gone.json'), 4); // once before
  });

  it('is not evicted from the cache by documents of strangers', async () => {
    const made = serving({ mostDocuments: 1 });
    const { id, token } = await allowed(made, '/known.json');
    made.clock.now += 301;
    await made.refresh(id, token).expect(200); // from now on it is kept as one that is known
    for (const path of ['/a.json', '/b.json']) await made.authorize(host.publish(path)).expect(200);
    await made.authorize(id).expect(200);
    assert.equal(asked('/known.json'), 2);
  });
});

describe('Client ID Metadata Document §5.2: the copy that is there', () => {
  const silent: DocumentHost['answer'] = (_request, response) => void response.writeHead(502).end();

  it('is used for staleAge seconds while the document cannot be fetched, and no longer: then 503, and nothing ends', async () => {
    const made = serving();
    let { id, token } = await allowed(made, '/shaky.json');
    host.answer = silent;
    for (const seconds of [300, 1800, 1799]) {
      made.clock.now += seconds;
      token = (await made.refresh(id, token).expect(200)).body.refresh_token;
      await made.authorize(id).expect(200);
    }
    made.clock.now += 1;
    assertErrorHere(await made.refresh(id, token), 503, 'temporarily_unavailable');
    assertErrorHere(await made.authorize(id), 503, 'temporarily_unavailable');
    host.answer = usual;
    await made.refresh(id, token).expect(200);
  });

  it('is tried to be fetched again 30 s later, and then the document counts', async () => {
    const made = serving();
    const { id } = await allowed(made, '/shaky.json');
    host.answer = silent;
    made.clock.now += 300;
    for (const _ of [1, 2, 3]) await made.authorize(id).expect(200);
    assert.equal(asked('/shaky.json'), 2, 'of a host in trouble not each request asks again');
    host.answer = usual;
    host.publish('/shaky.json', { client_name: 'Another name' });
    made.clock.now += 29;
    assert.equal((await made.authorize(id)).body.client.client_name, 'A client with a document');
    made.clock.now += 1;
    assert.equal((await made.authorize(id)).body.client.client_name, 'Another name');
  });

  it('goes on in a dialog of a client that nobody has allowed anything yet, whatever strangers name meanwhile', async () => {
    const made = serving({ perHostAndMinute: 2 });
    const id = host.publish('/first.json');
    const { transactionID } = (await made.authorize(id).expect(200)).body;
    made.clock.now += 301;
    await exhaust(made, 2);
    const { code = '' } = redirected(await made.decide(transactionID));
    await made.redeem(id, code).expect(200);
  });

  for (const [what, answer] of [
    ['not found', (_request, response) => void response.writeHead(404).end()],
    ['gone', (_request, response) => void response.writeHead(410).end()],
    ...[301, 302, 303, 307, 308].map(
      (status) =>
        [
          `redirected by ${status}`,
          (_request: unknown, response: ServerResponse) => void response.writeHead(status, { Location: '/' }).end(),
        ] as const,
    ),
    ['no longer valid', (_request, response) => void response.writeHead(200).end('{}')],
  ] as readonly (readonly [string, DocumentHost['answer']])[]) {
    it(`is no longer used once the document was ${what}, although its host does not answer after that`, async () => {
      const made = serving();
      const { id, token } = await allowed(made, '/ended.json');
      host.answer = answer;
      made.clock.now += 300;
      assertErrorHere(await made.refresh(id, token), 400, 'invalid_client');
      host.answer = silent;
      assertErrorHere(await made.refresh(id, token), 503, 'temporarily_unavailable');
      assertErrorHere(await made.authorize(id), 503, 'temporarily_unavailable');
    });
  }

  for (const status of [400, 401, 403, 405, 429, 451, 500, 503])
    it(`goes on where the host answers ${status}, which does not say that the document is gone: then 503, and nothing ends`, async () => {
      const made = serving();
      let { id, token } = await allowed(made, '/kept-out.json');
      const open = host.publish('/open-dialog.json');
      const { transactionID } = (await made.authorize(open).expect(200)).body;
      host.answer = (_request, response) => void response.writeHead(status, { Location: id }).end('<html>');
      made.clock.now += 300;
      token = (await made.refresh(id, token).expect(200)).body.refresh_token;
      await made.authorize(id).expect(200);
      const { code = '' } = redirected(await made.decide(transactionID));
      await made.redeem(open, code).expect(200);
      made.clock.now += 3600;
      assertErrorHere(await made.refresh(id, token), 503, 'temporarily_unavailable');
      host.answer = usual;
      await made.refresh(id, token).expect(200);
    });

  it('is used no more after its time with staleAge 0, nor after the clock has stepped back', async () => {
    const strict = serving({ staleAge: 0 });
    const id = host.publish('/shaky.json');
    await strict.authorize(id).expect(200);
    const made = serving();
    await made.authorize(id).expect(200);
    host.answer = silent;
    strict.clock.now += 300;
    made.clock.now -= 1;
    for (const one of [strict, made]) assertErrorHere(await one.authorize(id), 503, 'temporarily_unavailable');
  });

  it('is not used where the application could not make a client of the document', async () => {
    let fails = false;
    const made = serving({
      client(registration) {
        if (fails) throw new Error('the database does not answer');
        return { ...registration, client_name: 'A client' };
      },
    });
    const id = host.publish('/client.json');
    await made.authorize(id).expect(200);
    fails = true;
    made.clock.now += 300;
    assert.equal((await made.authorize(id)).status, 500);
  });
});
