/** OpenID Connect Client-Initiated Backchannel Authentication §9, §10.2: the client is told that its user has decided. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { memoryStore } from 'koauthorize/tokens';
import {
  type BackchannelSetup,
  errorOf,
  NOTIFIED,
  PINGED,
  POLLING,
  waiting,
} from '../../support/backchannel-server.js';
import { keyServer } from '../../support/key-server.js';

const TOKEN = '8d67dc78-7faa-4d41-aabd-67707b374255';

describe('CIBA §10.2: ping', () => {
  /** A request of a client that is told, and what it is told. */
  async function pinged(
    setup: BackchannelSetup = {},
    answer: () => Promise<Response> = async () => new Response(null, { status: 204 }),
  ) {
    const told: { url: string; init: RequestInit }[] = [];
    let tell = () => {};
    const isTold = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const fetch = (url: string, init: RequestInit) => {
      told.push({ url, init });
      tell();
      return answer();
    };
    const made = await waiting(
      { clients: [PINGED], ...setup, ciba: { fetch, ...setup.ciba } },
      { client_notification_token: TOKEN },
    );
    /** The next error that the operator is told of. */
    const failure = () => once(made.app, 'error').then(([error]) => error as Error);
    return { ...made, told, isTold, failure };
  }

  for (const allow of [true, false])
    it(`after the user has ${allow ? 'allowed' : 'denied'} it, with the bearer token of the client, and nothing but auth_req_id`, async () => {
      const { id, authReqID, decide, isTold, told, later } = await pinged();
      assert.equal(told.length, 0);
      await decide(id, { allow }).expect(200);
      await isTold;
      assert.equal(told.length, 1);
      const { url, init } = told[0] ?? { url: '', init: {} };
      assert.deepEqual([url, init.method, init.redirect], [NOTIFIED, 'POST', 'manual']);
      assert.deepEqual(init.headers, { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' });
      assert.deepEqual(JSON.parse(String(init.body)), { auth_req_id: authReqID });
      assert.deepEqual(await errorOf(later()), allow ? [200, undefined] : [400, 'access_denied']);
    });

  it('§10.1 the client may poll all the same', async () => {
    const { id, decide, later } = await pinged();
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    await decide(id).expect(200);
    await later().expect(200);
  });

  it('200 is taken, too', async () => {
    const { id, decide, isTold, errors } = await pinged({}, async () => new Response('ignored'));
    await decide(id).expect(200);
    await isTold;
    await new Promise(setImmediate);
    assert.deepEqual(errors, []);
  });

  for (const [what, answer, message] of [
    ['an error of the client', async () => new Response(null, { status: 401 }), /401/],
    [
      'a redirect, which is not followed',
      async () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } }),
      /307/,
    ],
    ['no connection', () => Promise.reject(new Error('refused')), /refused/],
    ['no answer', () => new Promise<Response>(() => {}), /No answer within 0.05 s/],
  ] as const)
    it(`${what}: the operator is told, without the secrets, and nothing is lost`, async () => {
      const { id, authReqID, decide, failure, told, later } = await pinged({ ciba: { fetchTimeout: 0.05 } }, answer);
      const failed = failure();
      await decide(id).expect(200);
      const { message: said, cause } = await failed;
      assert.match(said, message);
      const all = `${said} ${cause}`;
      assert.ok(!all.includes(authReqID) && !all.includes(TOKEN), all);
      assert.equal(told.length, 1);
      await later().expect(200);
    });

  it('the user does not wait for a client that does not answer', async () => {
    const { id, decide } = await pinged({}, () => new Promise<Response>(() => {}));
    await decide(id).expect(200);
  });

  it('is sent once, for the decision that counts', async () => {
    const { id, decide, told } = await pinged();
    const answers = await Promise.all([decide(id), decide(id, { allow: false }), decide(id)]);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    await new Promise(setImmediate);
    assert.equal(told.length, 1);
  });

  it('not to a client that polls, nor where its registration has changed to that since', async () => {
    const client = { ...PINGED };
    const { id, decide, told } = await pinged({ clients: [client] });
    Object.assign(client, POLLING);
    await decide(id).expect(200);
    const poll = await pinged({ clients: [{ ...POLLING, backchannel_client_notification_endpoint: NOTIFIED }] });
    await poll.decide(poll.id).expect(200);
    await new Promise(setImmediate);
    assert.deepEqual([told.length, poll.told.length], [0, 0]);
  });

  it('not to an address without TLS, where the registration has changed to one since: the operator is told', async () => {
    const client = { ...PINGED };
    const { id, decide, told, failure } = await pinged({ clients: [client] });
    Object.assign(client, { backchannel_client_notification_endpoint: 'http://client.example/notified' });
    const failed = failure();
    await decide(id).expect(200);
    assert.match((await failed).message, /no https URL/);
    assert.equal(told.length, 0);
  });

  it('with another key than that of the ID nothing can be decided, since the client could not be told', async () => {
    const { id, decide, later } = await pinged();
    const [key] = id.split('.');
    for (const wrong of [`${key}.${'A'.repeat(22)}`, String(key)]) await decide(wrong).expect(403);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
  });

  it('the store has neither the auth_req_id nor the notification token of the client in plain text', async () => {
    const kept: string[] = [];
    const store = new Proxy(memoryStore(), {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          kept.push(JSON.stringify(args));
          return value.apply(target, args);
        };
      },
    });
    const { authReqID, id, decide, isTold, later } = await pinged({ store });
    await decide(id).expect(200);
    await isTold;
    await later().expect(200);
    const all = kept.join();
    assert.ok(all.includes('expiresAt') && all.includes('alice'), 'it was kept there');
    for (const secret of [authReqID, TOKEN, id, id.split('.')[1] ?? '']) assert.ok(!all.includes(secret), secret);
  });

  it('by default no address of this machine or its network is reached (SSRF)', async () => {
    const client = await keyServer();
    try {
      const registered = { ...PINGED, backchannel_client_notification_endpoint: client.url };
      const { id, decide, failure } = await pinged({ clients: [registered], ciba: { fetch: undefined as never } });
      const failed = failure();
      await decide(id).expect(200);
      assert.match((await failed).message, /not an address of the internet/);
      assert.equal(client.requests.length, 0);
    } finally {
      await client.close();
    }
  });

  it('over a real connection, with allowHTTP: "loopback"', async () => {
    const client = await keyServer();
    try {
      const heard = new Promise<string>((resolve) => {
        client.answer = async (request, response) => {
          let body = '';
          for await (const chunk of request) body += chunk;
          response.writeHead(204).end();
          resolve(`${request.method} ${request.headers.authorization} ${body}`);
        };
      });
      const registered = { ...PINGED, backchannel_client_notification_endpoint: client.url };
      const ciba = { fetch: undefined as never, allowHTTP: 'loopback' as const };
      const { id, authReqID, decide } = await pinged({ clients: [registered], ciba });
      await decide(id).expect(200);
      assert.equal(await heard, `POST Bearer ${TOKEN} {"auth_req_id":"${authReqID}"}`);
    } finally {
      await client.close();
    }
  });
});
