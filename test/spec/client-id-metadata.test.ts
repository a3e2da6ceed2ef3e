/** draft-ietf-oauth-client-id-metadata-document. The numbers of sections are those of -02, which MCP's revision of 2026-07-28 cites. */
import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { clientFacts, clientIDMetadata, createServer, type Refusal, type Transaction } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';
import { publicFetch } from 'koauthorize/extending';
import { ephemeralStore, memoryStore, tokenService } from 'koauthorize/tokens';
import { isMadeByAnyone } from '../../lib/clients/stranger.js';
import { goodClaims, inForm, NOW, signed } from '../support/assertions.js';
import { ISSUER, redirected, type User } from '../support/authorization-server.js';
import { client, type Registered } from '../support/client-auth.js';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { CALLBACK, type DocumentSetup, documentServer } from '../support/document-server.js';
import { assertErrorHere } from '../support/form.js';
import { keyPair } from '../support/key-server.js';
import { recordingStore } from '../support/token-store.js';

let host: DocumentHost;
const answer = () => host.answer;
let usual: ReturnType<typeof answer>;

before(async () => {
  host = await documentHost();
  usual = host.answer;
});
after(() => host.close());
beforeEach(() => {
  host.requests.length = 0;
  host.answer = usual;
});

const serving = (setup: DocumentSetup = {}) => documentServer({ fetch: host.fetch, ...setup });
/** The paths that were asked for. */
const asked = (): (string | undefined)[] => host.requests.map(({ url }) => url);

/** An error page for the user, who is sent nowhere. */
async function assertRefused(made: ReturnType<typeof serving>, id: string, message?: RegExp): Promise<void> {
  const response = await made.authorize(id);
  assertErrorHere(response, 403, 'unauthorized_client');
  if (message) assert.match(response.body.error_description, message);
}

describe('Client ID Metadata Document §3: the identifier', () => {
  it('§3, §5 a client that nobody has registered logs a user in, and gets and refreshes tokens', async () => {
    const made = serving();
    const id = host.publish('/client.json');
    const tokens = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    assert.equal((await made.tokens.verify(tokens.access_token))?.clientID, id);
    await made.refresh(id, tokens.refresh_token).expect(200);
    assert.deepEqual(asked(), ['/client.json']);
    assert.equal(host.requests[0]?.headers['accept'], 'application/json');
  });

  it('a client_id or a document that is not valid is told to the operator by a rule of its own', async () => {
    const made = serving();
    const rules: string[] = [];
    made.app.on('refusal', ({ rule }: Refusal) => rules.push(rule));
    await assertRefused(made, host.publish('/other.json', { client_id: 'https://other.example/client.json' }));
    await assertRefused(made, `${host.origin}/client.json#part`);
    assert.deepEqual(rules, ['client-document', 'client-document']);
  });

  const wrong: readonly [what: string, id: (origin: string) => string][] = [
    ['http', (origin) => `${origin.replace('https:', 'http:')}/client.json`],
    ['a scheme in capitals', (origin) => `${origin.replace('https:', 'HTTPS:')}/client.json`],
    ['no path', (origin) => origin],
    ['a fragment', (origin) => `${origin}/client.json#part`],
    ['an empty fragment', (origin) => `${origin}/client.json#`],
    ['user information', (origin) => `${origin.replace('//', '//user:secret@')}/client.json`],
    ['a user without a password', (origin) => `${origin.replace('//', '//user@')}/client.json`],
    ['a password without a user', (origin) => `${origin.replace('//', '//:secret@')}/client.json`],
    ['an empty user', (origin) => `${origin.replace('//', '//@')}/client.json`],
    ['a dot segment', (origin) => `${origin}/./client.json`],
    ['a double-dot segment', (origin) => `${origin}/x/../client.json`],
    ['an escaped double-dot segment', (origin) => `${origin}/x/%2e%2e/client.json`],
    ['a double-dot segment at the end', (origin) => `${origin}/client.json/x/..`],
    ['a backslash', (origin) => `${origin}\\client.json`],
    ['capitals in the host', (origin) => `${origin.replace('client', 'CLIENT')}/client.json`],
    ['one slash', (origin) => `${origin.replace('//', '/')}/client.json`],
    ['an address in another spelling', () => 'https://0x7f.1/client.json'],
    ['nothing after the scheme', () => 'https://'],
  ];
  for (const [what, id] of wrong) {
    it(`§3 cannot have ${what}: nothing is fetched`, async () => {
      host.publish('/client.json');
      await assertRefused(serving(), id(host.origin));
      assert.deepEqual(asked(), []);
    });
  }

  it('§3 may have a port, the default one too, and a query', async () => {
    const made = serving({
      fetch: async (url) =>
        Response.json(
          { client_id: url, redirect_uris: [CALLBACK] },
          { headers: { 'content-type': 'application/json' } },
        ),
    });
    for (const id of [
      'https://c.example/x',
      'https://c.example:443/x',
      'https://c.example:8443/x',
      'https://c.example/x?y=1',
    ])
      await made.authorize(id).expect(200);
  });
});

describe('Client ID Metadata Document §4: the document', () => {
  const wrong: readonly [what: string, members: object, message: RegExp][] = [
    ['another client_id', { client_id: 'https://other.example/client.json' }, /client_id/],
    ['no client_id', { client_id: undefined }, /client_id/],
    ['a client_id that is another spelling', { client_id: 'https://CLIENT.example/wrong.json' }, /client_id/],
    ['a client_secret', { client_secret: 'x' }, /client_secret/],
    ['client_secret_expires_at', { client_secret_expires_at: 0 }, /client_secret_expires_at/],
    ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }, /token_endpoint_auth_method/],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, /token_endpoint_auth_method/],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }, /token_endpoint_auth_method/],
    ['an unknown method', { token_endpoint_auth_method: 'x' }, /token_endpoint_auth_method/],
    ['methods in a list', { token_endpoint_auth_method: ['none'] }, /token_endpoint_auth_method/],
    ['no redirect_uris', { redirect_uris: undefined }, /redirect_uris/],
    ['an empty list of them', { redirect_uris: [] }, /redirect_uris/],
    ['one that is http', { redirect_uris: [CALLBACK, 'http://client.example/callback'] }, /redirect_uris\[1\]/],
    ['one with a fragment', { redirect_uris: [`${CALLBACK}#x`] }, /redirect_uris/],
    ['one that looks like an answer', { redirect_uris: [`${CALLBACK}?code=x`] }, /redirect_uris\[0\] has code/],
    ['one that runs a script', { redirect_uris: ['javascript:alert(1)'] }, /redirect_uris/],
    ['one with user information', { redirect_uris: ['https://client.example@evil.example/'] }, /redirect_uris/],
    ["an app's scheme", { redirect_uris: ['com.example.app:/cb'], application_type: 'native' }, /redirect_uris/],
    ['text for redirect_uris', { redirect_uris: CALLBACK }, /redirect_uris/],
    ['text for grant_types', { grant_types: 'authorization_code' }, /grant_types/],
    ['a name that is no text', { client_name: ['a'] }, /client_name/],
    ['a name that turns text around', { client_name: 'a\u202eb' }, /client_name/],
    ['a name in another language that does', { 'client_name#de': 'a\u202eb' }, /client_name#de/],
    ['a name without an end', { client_name: 'a'.repeat(201) }, /client_name/],
    ['a link that runs a script', { client_uri: 'javascript:alert(1)' }, /client_uri/],
    ['terms at http', { tos_uri: 'http://client.example/' }, /tos_uri/],
    ['a policy in another language at http', { 'policy_uri#de': 'http://client.example/' }, /policy_uri#de/],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, /private_key_jwt/],
    ['jwks and jwks_uri', { jwks: { keys: [{ kty: 'EC' }] }, jwks_uri: 'https://client.example/k' }, /jwks/],
    ['a private key', { jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, /public/],
    ['a shared key', { jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, /public/],
    ['a jwks_uri at http', { jwks_uri: 'http://client.example/k' }, /jwks_uri/],
    ['a NUL, however deep', { jwks: { keys: [{ kty: 'EC', kid: 'a\u0000' }] } }, /NUL/],
  ];
  for (const [what, members, message] of wrong) {
    it(`§4, §4.1 cannot have ${what}`, async () => {
      await assertRefused(serving(), host.publish('/wrong.json', members), message);
    });
  }

  for (const [what, text] of [
    ['no JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['nested without end', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`],
  ] as const) {
    it(`§4 cannot be ${what}`, async () => {
      host.answer = (_request, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
      await assertRefused(serving(), `${host.origin}/client.json`, /JSON/);
    });
  }

  const types: readonly [type: string, isTaken: boolean][] = [
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['application/oauth-client+json', true],
    ['text/html', false],
    ['text/json', false],
    ['application/jsonx', false],
    ['', false],
  ];
  for (const [type, isTaken] of types) {
    it(`§4 as ${type || 'no type'}: ${isTaken ? 'taken' : 'refused'}`, async () => {
      const id = host.publish('/typed.json', {}, { 'Content-Type': type });
      if (isTaken) await serving().authorize(id).expect(200);
      else await assertRefused(serving(), id, /Content-Type/);
    });
  }

  it('members that only the application may set are dropped, so that a document cannot give its client rights', async () => {
    const made = serving();
    const id = host.publish('/rights.json', {
      resource_server: true,
      pkce: 'may be missing',
      owner: 'alice',
      scope: 'read',
    });
    const { client } = (await made.authorize(id).expect(200)).body;
    assert.deepEqual(Object.keys(client).sort(), [
      ...['client_id', 'client_name', 'grant_types', 'redirect_uris', 'response_types', 'scope'],
      'token_endpoint_auth_method',
    ]);
  });

  it('RFC 7591 §2 what is left out has its default, and is a public client', async () => {
    const made = serving();
    const id = host.publish('/bare.json', { grant_types: undefined, token_endpoint_auth_method: undefined });
    const { client } = (await made.authorize(id).expect(200)).body;
    assert.deepEqual(
      [client.grant_types, client.response_types, client.token_endpoint_auth_method],
      [['authorization_code'], ['code'], 'none'],
    );
    const tokens = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    assert.equal(tokens.refresh_token, undefined);
  });

  it('grant types that nobody has to allow are left out, unless the application says so', async () => {
    const id = host.publish('/direct.json', {
      grant_types: ['authorization_code', 'client_credentials'],
    });
    const made = serving();
    await made.redeem(id, await made.codeFor(id)).expect(200);
    const direct = { grant_type: 'client_credentials', client_id: id };
    assertErrorHere(await made.post('/token', direct), 400, 'unauthorized_client');
    assert.deepEqual((await made.authorize(id)).body.client.grant_types, ['authorization_code']);
    const open = serving({ grantTypes: ['authorization_code', 'client_credentials'] });
    assert.deepEqual((await open.authorize(id)).body.client.grant_types, ['authorization_code', 'client_credentials']);
  });

  it("allowPrivateSchemes takes an app's scheme with a domain in it, and no other", async () => {
    const made = serving({ allowPrivateSchemes: true });
    const app = 'com.example.app:/callback';
    const id = host.publish('/app.json', { redirect_uris: [app], application_type: 'native' });
    await made.authorize(id, { redirect_uri: app }).expect(200);
    const wrong = { redirect_uris: ['app:/callback'], application_type: 'native' };
    await assertRefused(made, host.publish('/wrong.json', wrong), /redirect_uris/);
    await assertRefused(serving(), id, /redirect_uris/);
  });

  it('what every extension says of a registration counts', async () => {
    const judge = {
      name: 'judge',
      register: (metadata: object) => ({ ...metadata, contacts: ['judged'] }),
    };
    const { client } = (
      await serving({ plugs: [judge] })
        .authorize(host.publish('/client.json'))
        .expect(200)
    ).body;
    assert.deepEqual(client.contacts, ['judged']);
  });

  it('§4.2 redirect URIs are compared as texts, but for the port of a loopback address', async () => {
    const made = serving();
    const id = host.publish('/local.json', {
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost:3000/cb'],
    });
    await made.authorize(id, { redirect_uri: 'http://127.0.0.1:5555/callback' }).expect(200);
    for (const redirect_uri of [CALLBACK, 'http://localhost:3001/cb', 'http://127.0.0.1/other'])
      assert.equal((await made.authorize(id, { redirect_uri })).headers['location'], undefined, redirect_uri);
  });
});

describe('Client ID Metadata Document §5: how it is fetched', () => {
  for (const status of [201, 204, 206, 301, 302, 303, 307, 308, 400, 401, 403, 404, 410]) {
    it(`§5 ${status} is an error, and a redirect is not followed`, async () => {
      const other = host.publish('/other.json');
      host.answer = (_request, response) =>
        response.writeHead(status, { Location: other, 'Content-Type': 'application/json' }).end();
      await assertRefused(serving(), `${host.origin}/client.json`, /status/);
      assert.deepEqual(asked(), ['/client.json']);
    });
  }

  for (const status of [408, 425, 429, 500, 503]) {
    it(`§5.1 ${status}: try again later`, async () => {
      host.answer = (_request, response) => response.writeHead(status).end();
      const response = await serving().authorize(`${host.origin}/client.json`);
      assertErrorHere(response, 503, 'temporarily_unavailable');
      assert.ok(Number(response.headers['retry-after']) > 0);
    });
  }

  it('§8.7 no more than 5 KB are read, with or without a length', async () => {
    const id = host.publish('/large.json', { contacts: ['x'.repeat(5100)] });
    await assertRefused(serving(), id, /5120 bytes/);
    let isGone = false;
    host.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).on('close', () => {
        isGone = true;
      });
      const send = (): void => {
        if (isGone) return;
        response.write('x'.repeat(1000));
        setImmediate(send);
      };
      send();
    };
    await assertRefused(serving(), `${host.origin}/endless.json`, /5120 bytes/);
    while (!isGone) await new Promise(setImmediate);
  });

  it('a document that does not come in time is given up', async () => {
    host.answer = () => {};
    const response = await serving({ fetchTimeout: 0.05 }).authorize(`${host.origin}/client.json`);
    assertErrorHere(response, 503, 'temporarily_unavailable');
    assert.doesNotMatch(response.text, /0\.05/);
  });

  it('only the operator learns why a fetch failed, so that responses do not reveal the internal network', async () => {
    const made = serving({ fetch: publicFetch() });
    const response = await made.authorize(`https://127.0.0.1:${host.port}/client.json`);
    assertErrorHere(response, 503, 'temporarily_unavailable');
    assert.doesNotMatch(response.text, /127\.0|address/);
    assert.match(String(made.errors[0]?.cause), /127\.0\.0\.1, which is not an address of the internet/);
    assert.deepEqual(asked(), []);
  });
});

describe('Client ID Metadata Document §8.6: inner addresses', () => {
  const resolving =
    (...answers: readonly string[]): LookupFunction =>
    (_name, _options, callback) => {
      const address = answers[Math.min(calls++, answers.length - 1)] ?? '';
      callback(null, [{ address, family: 4 }]);
    };
  let calls = 0;
  beforeEach(() => {
    calls = 0;
  });

  for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '192.168.1.1', '0.0.0.0']) {
    it(`§8.6 a name that resolves to ${address} is not fetched`, async () => {
      const made = serving({ fetch: publicFetch({ ca: host.ca, lookup: resolving(address) }) });
      assertErrorHere(await made.authorize(host.publish('/client.json')), 503, 'temporarily_unavailable');
      assert.deepEqual(asked(), []);
    });
  }

  it('§8.6 the connection goes to the address that was checked (DNS rebinding)', async () => {
    const made = serving({ fetch: publicFetch({ ca: host.ca, lookup: resolving('192.0.2.1', '127.0.0.1') }) });
    assertErrorHere(await made.authorize(host.publish('/client.json')), 503, 'temporarily_unavailable');
    assert.deepEqual([calls, asked()], [1, []]);
  });

  it('§8.6 by default no loopback address is fetched, unless the issuer has one itself', async () => {
    const id = `https://localhost:${host.port}/client.json`;
    const causeOf = async (issuer: string): Promise<string> => {
      const made = documentServer({ issuer });
      assertErrorHere(await made.authorize(id), 503, 'temporarily_unavailable');
      return String(made.errors[0]?.cause);
    };
    assert.match(await causeOf(ISSUER), /not an address of the internet/);
    for (const local of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])
      assert.match(await causeOf(local), /certificate/); // it was connected to, and has one of the tests' own authority
  });
});

describe('Client ID Metadata Document §5.2: how long it is kept', () => {
  /** How many seconds a document with these headers is kept. */
  const ages: readonly [what: string, headers: Record<string, string>, seconds: number][] = [
    ['nothing is said', {}, 300],
    ['max-age', { 'Cache-Control': 'public, max-age=1000' }, 1000],
    ['max-age in quotes', { 'Cache-Control': 'max-age="1000"' }, 1000],
    ['s-maxage', { 'Cache-Control': 's-maxage=700, max-age=1000' }, 700],
    ['Age', { 'Cache-Control': 'max-age=1000', Age: '400' }, 600],
    ['Expires', { Date: 'Thu, 01 Jan 2026 00:00:00 GMT', Expires: 'Thu, 01 Jan 2026 00:20:00 GMT' }, 1200],
    ['an Expires that is no date', { Expires: '0' }, 60],
    ['an Expires that is not a date beside a Date', { Date: 'Thu, 01 Jan 2026 00:00:00 GMT', Expires: '0' }, 60],
    ['an Expires beside a Date that is not a date', { Date: 'x', Expires: 'Thu, 01 Jan 2026 00:20:00 GMT' }, 60],
    ['a max-age that is no number', { 'Cache-Control': 'max-age=x' }, 60],
    ['max-age=0: the least', { 'Cache-Control': 'max-age=0' }, 60],
    ['no-store: the least', { 'Cache-Control': 'no-store, max-age=1000' }, 60],
    ['no-cache: the least', { 'Cache-Control': 'No-Cache' }, 60],
    ['private: the least', { 'Cache-Control': 'private, max-age=1000' }, 60],
    ['a year: the most', { 'Cache-Control': 'max-age=31536000' }, 86_400],
  ];
  for (const [what, headers, seconds] of ages) {
    it(`§5.2 ${what}: ${seconds} s`, async () => {
      const made = serving();
      const id = host.publish('/kept.json', {}, headers);
      await made.authorize(id).expect(200);
      made.clock.now += seconds - 1;
      await made.authorize(id).expect(200);
      assert.equal(host.requests.length, 1);
      made.clock.now += 1;
      await made.authorize(id).expect(200);
      assert.equal(host.requests.length, 2);
    });
  }

  it('§5.2 leastAge, mostAge and usualAge are the limits', async () => {
    const made = serving({ leastAge: 0, mostAge: 10, usualAge: 5 });
    const id = host.publish('/kept.json', {}, { 'Cache-Control': 'no-store' });
    for (const _ of [1, 2, 3]) await made.authorize(id).expect(200);
    assert.equal(host.requests.length, 3);
  });

  it('§5.2 after the clock has stepped back it is fetched again', async () => {
    const made = serving();
    const id = host.publish('/kept.json', {}, { 'Cache-Control': 'max-age=1000' });
    await made.authorize(id).expect(200);
    made.clock.now -= 10;
    await made.authorize(id).expect(200);
    assert.equal(host.requests.length, 2);
  });

  it('§5.2 an error is not kept, nor is a document that is not valid', async () => {
    const made = serving();
    const id = host.publish('/later.json', { client_id: 'x' });
    await assertRefused(made, id);
    host.publish('/later.json');
    await made.authorize(id).expect(200);
    host.answer = (_request, response) => response.writeHead(500).end();
    const other = host.publish('/other.json');
    assertErrorHere(await made.authorize(other), 503, 'temporarily_unavailable');
    host.answer = usual;
    await made.authorize(other).expect(200);
  });

  it('§8.4 a changed document counts from then on: a redirect URI that was withdrawn is refused, in open dialogs too', async () => {
    const made = serving();
    const id = host.publish('/changing.json');
    const { transactionID } = (await made.authorize(id).expect(200)).body;
    host.publish('/changing.json', { redirect_uris: ['https://client.example/other'] });
    made.clock.now += 300;
    const answered = await made.decide(transactionID);
    assert.equal(answered.headers['location'], undefined);
    assert.equal((await made.authorize(id)).headers['location'], undefined);
  });

  it('a document that is gone ends the client', async () => {
    const made = serving();
    const id = host.publish('/gone.json');
    const { refresh_token } = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    host.answer = (_request, response) => response.writeHead(404).end();
    made.clock.now += 300;
    assertErrorHere(await made.refresh(id, refresh_token), 400, 'invalid_client');
  });

  it('a document that is unavailable for a while revokes nothing: 503, and then its tokens work again', async () => {
    const made = serving({ staleAge: 0 });
    const id = host.publish('/shaky.json');
    const { refresh_token } = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    host.answer = (_request, response) => response.writeHead(502).end();
    made.clock.now += 300;
    assertErrorHere(await made.refresh(id, refresh_token), 503, 'temporarily_unavailable');
    host.answer = usual;
    await made.refresh(id, refresh_token).expect(200);
  });

  it('concurrent requests of one client fetch its document once', async () => {
    const made = serving();
    const id = host.publish('/once.json');
    const all = await Promise.all(Array.from({ length: 10 }, () => made.authorize(id)));
    assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
    assert.equal(host.requests.length, 1);
  });

  it('a dialog whose document is kept no more goes on: it is fetched again', async () => {
    const made = serving({ mostDocuments: 1 });
    const [one, other] = [host.publish('/one.json'), host.publish('/other.json')];
    const { transactionID } = (await made.authorize(one).expect(200)).body;
    await made.authorize(other).expect(200);
    assert.ok(redirected(await made.decide(transactionID))['code']);
    assert.deepEqual(asked(), ['/one.json', '/other.json', '/one.json']);
  });

  it('no more than mostDocuments are kept: the least recently used one is removed first', async () => {
    const made = serving({ mostDocuments: 2 });
    const [a, b, c] = ['/a.json', '/b.json', '/c.json'].map((path) => host.publish(path));
    for (const id of [a, b, a, c, a]) await made.authorize(id ?? '').expect(200);
    assert.deepEqual(asked(), ['/a.json', '/b.json', '/c.json']);
    await made.authorize(b ?? '').expect(200);
    assert.equal(host.requests.length, 4);
  });
});

describe('Client ID Metadata Document: strangers, and how much they can cause', () => {
  const forms: readonly [path: string, params: Record<string, string>][] = [
    ['/token', { grant_type: 'authorization_code', code: 'x' }],
    ['/token', { grant_type: 'refresh_token', refresh_token: 'x' }],
    ['/token', { grant_type: 'client_credentials' }],
    ['/token', { grant_type: 'authorization_code', code: 'x', response_type: 'code' }],
    ['/token?/par', { grant_type: 'authorization_code', code: 'x' }],
    ['/introspect', { token: 'x' }],
    ['/revoke', { token: 'x' }],
  ];
  for (const [path, params] of forms) {
    it(`${path} ${params['grant_type'] ?? ''}: a URL that no user has authorized is not a client, and is not fetched`, async () => {
      const made = serving();
      const response = await made.post(path, { client_id: host.publish('/client.json'), ...params });
      assert.equal(response.body.error, 'invalid_client');
      assert.deepEqual(asked(), []);
    });
  }

  it('a pushed request may be the first of its client', async () => {
    const made = serving();
    const id = host.publish('/pushing.json');
    const { request_uri } = (await made.post('/par', made.ask(id)).expect(201)).body;
    assert.deepEqual(asked(), ['/pushing.json']);
    const response = await made.authorize(id, { request_uri }).expect(200);
    assert.equal(response.body.client.client_id, id);
  });

  it('a pushed request of a URL that is no client: invalid_client, as JSON, with the reason for the operator', async () => {
    const made = serving();
    const response = await made.post('/par', made.ask(host.publish('/wrong.json', { client_id: 'x' })));
    assertErrorHere(response, 400, 'invalid_client');
    assert.doesNotMatch(response.text, /client_id/);
    assert.match(String(made.errors[0]?.cause), /client_id is not the URL of the document/);
  });

  it('a process that has not met a client which a user has allowed something fetches its document at the token endpoint', async () => {
    const tokenStore = memoryStore();
    const [one, other, third] = [serving({ tokenStore }), serving({ tokenStore }), serving({ tokenStore })];
    const id = host.publish('/known.json');
    const { refresh_token } = (await other.redeem(id, await one.codeFor(id)).expect(200)).body;
    assert.equal(host.requests.length, 2);
    third.clock.now += 89 * 24 * 3600;
    assertErrorHere(await third.refresh(id, refresh_token), 400, 'invalid_grant'); // that of the token, which is too old
    assert.equal(host.requests.length, 3);
  });

  it('a client that goes on being given tokens is remembered for longer than one that is not', async () => {
    const tokenStore = memoryStore();
    const setup = { tokenStore, rememberedFor: 1000 };
    const [one, other, third] = [serving(setup), serving(setup), serving(setup)];
    const [id, quiet] = [host.publish('/known.json'), host.publish('/quiet.json')];
    const { refresh_token } = (await one.redeem(id, await one.codeFor(id)).expect(200)).body;
    await one.redeem(quiet, await one.codeFor(quiet)).expect(200);
    const start = one.clock.now;
    const span = (count: number): number => (Math.floor(start / 1000) + count) * 1000 + 500;
    one.clock.now = span(1);
    await one.refresh(id, refresh_token).expect(200);
    for (const { clock } of [other, third]) clock.now = span(2);
    assertErrorHere(await other.refresh(id, 'x'), 400, 'invalid_grant'); // that of the token: the client is known
    assertErrorHere(await third.refresh(quiet, 'x'), 400, 'invalid_client');
  });

  it('a store of its own is what remembers', async () => {
    const [tokenStore, store] = [memoryStore(), ephemeralStore(memoryStore(), () => 1_767_225_600)];
    const [one, other] = [serving({ tokenStore, store }), serving({ store })];
    const id = host.publish('/known.json');
    await one.redeem(id, await one.codeFor(id)).expect(200);
    assertErrorHere(await other.refresh(id, 'x'), 400, 'invalid_grant');
    assertErrorHere(await serving({ tokenStore }).refresh(id, 'x'), 400, 'invalid_client');
  });

  it('a client that was asked about, and that nobody has allowed anything, is no client elsewhere', async () => {
    const tokenStore = memoryStore();
    const [one, other] = [serving({ tokenStore }), serving({ tokenStore })];
    const id = host.publish('/asked.json');
    await one.authorize(id).expect(200);
    assertErrorHere(await other.redeem(id, 'x'), 400, 'invalid_client');
    assert.equal(host.requests.length, 1);
  });

  it('a client that a user has denied everything is no client elsewhere', async () => {
    const tokenStore = memoryStore();
    const [one, other] = [serving({ tokenStore }), serving({ tokenStore })];
    const id = host.publish('/denied.json');
    const { transactionID } = (await one.authorize(id).expect(200)).body;
    assert.equal(redirected(await one.decide(transactionID).send({ cancel: 'yes' }))['error'], 'access_denied');
    assertErrorHere(await other.redeem(id, 'x'), 400, 'invalid_client');
    assert.equal(host.requests.length, 1);
  });

  it('no more than atOnce documents are fetched at the same moment', async () => {
    const made = serving({ atOnce: 2 });
    const waiting: (() => void)[] = [];
    host.answer = (request, response) => void waiting.push(() => usual(request, response));
    const ids = ['/a.json', '/b.json', '/c.json'].map((path) => host.publish(path));
    const begun = ids.slice(0, 2).map((id) => made.authorize(id).then(({ status }) => status));
    while (waiting.length < 2) await new Promise(setImmediate);
    const third = await made.authorize(ids[2] ?? '');
    assertErrorHere(third, 503, 'temporarily_unavailable');
    host.answer = usual;
    for (const go of waiting) go();
    assert.deepEqual(await Promise.all(begun), [200, 200]);
    await made.authorize(ids[2] ?? '').expect(200);
    const later = ['/d.json', '/e.json', '/f.json'].map((path) => host.publish(path));
    waiting.length = 0;
    host.answer = (request, response) => void waiting.push(() => usual(request, response));
    const again = later.slice(0, 2).map((id) => made.authorize(id).then(({ status }) => status));
    while (waiting.length < 2) await new Promise(setImmediate);
    assert.equal(
      (await made.authorize(later[2] ?? '')).status,
      503,
      'those that have ended count no more, and no less',
    );
    for (const go of waiting) go();
    assert.deepEqual(await Promise.all(again), [200, 200]);
  });

  it('no more than perHostAndMinute are fetched from one host in a minute, and cached documents are not counted', async () => {
    const made = serving({ perHostAndMinute: 2 });
    const ids = ['/a.json', '/b.json', '/c.json'].map((path) => host.publish(path));
    for (const id of [ids[0], ids[1], ids[0], ids[1]]) await made.authorize(id ?? '').expect(200);
    made.clock.now += 20;
    const third = await made.authorize(ids[2] ?? '');
    assertErrorHere(third, 503, 'temporarily_unavailable');
    assert.equal(third.headers['retry-after'], '40');
    assert.equal(host.requests.length, 2);
    const there = host.publish('/c.json', { client_id: `https://other.client.example:${host.port}/c.json` });
    await made.authorize(there.replace('//', '//other.')).expect(200);
    made.clock.now += Number(third.headers['retry-after']);
    host.publish('/c.json');
    await made.authorize(ids[2] ?? '').expect(200);
  });
});

describe('Client ID Metadata Document: what the application decides', () => {
  it('§8.9 only what trusts says is exactly true is fetched', async () => {
    for (const trusts of [() => false, () => 1 as never, async () => 'yes' as never]) {
      await assertRefused(serving({ trusts }), host.publish('/client.json'));
    }
    assert.deepEqual(asked(), []);
    const seen: string[] = [];
    const made = serving({ trusts: (url) => seen.push(url.hostname) > 0 });
    await made.authorize(host.publish('/client.json')).expect(200);
    assert.deepEqual(seen, ['client.example']);
  });

  it('§8.9 trust that is withdrawn counts at once, also for what is kept', async () => {
    let isTrusted = true;
    const made = serving({ trusts: () => isTrusted });
    const id = host.publish('/client.json');
    const { refresh_token } = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    isTrusted = false;
    await assertRefused(made, id);
    assertErrorHere(await made.refresh(id, refresh_token), 400, 'invalid_client');
  });

  it('client makes the client, and refuses by undefined', async () => {
    const made = serving({ client: (registration) => ({ ...registration, client_name: 'Mine' }) });
    const id = host.publish('/client.json');
    assert.equal((await made.authorize(id)).body.client.client_name, 'Mine');
    const none = serving({ client: async () => undefined });
    await assertRefused(none, id);
    assert.match(String(none.errors[0]?.cause), /clientIDMetadata\(\{ client \}\) gave none/);
  });

  it('an error that `client` throws is an error of the server, not an unknown client, at the token endpoint, too', async () => {
    let fails = false;
    const made = serving({
      client(registration) {
        if (fails) throw new Error('the database does not answer');
        return { ...registration, client_name: 'A client' };
      },
    });
    const id = host.publish('/client.json');
    const { refresh_token } = (await made.redeem(id, await made.codeFor(id)).expect(200)).body;
    fails = true;
    made.clock.now += 300;
    assert.equal((await made.authorize(id)).status, 500);
    assertErrorHere(await made.refresh(id, refresh_token), 500, 'server_error');
  });

  it('its pages may be at another host: that of its identifier is shown', async () => {
    const id = host.publish('/elsewhere.json', {
      client_uri: 'https://www.example/',
      tos_uri: 'https://www.example/tos',
    });
    assert.equal((await serving().authorize(id).expect(200)).body.client.client_uri, 'https://www.example/');
  });

  it('of a client that is registered nothing is remembered', async () => {
    const { store, calls } = recordingStore();
    const worker = client('worker', { client_secret: 'a secret', grant_types: ['client_credentials'], scope: 'jobs' });
    const made = serving({ tokenStore: store, clients: [worker] });
    await made.post('/token', { grant_type: 'client_credentials' }).auth('worker', 'a secret').expect(200);
    assert.equal(JSON.stringify(calls).includes('"ephemeral"'), false);
  });

  it('§7.1 a client that is registered under such a URL is not looked up; with allowRegisteredURLs it takes precedence', async () => {
    const id = host.publish('/client.json');
    const clients = [client(id, { client_name: 'Registered', redirect_uris: [CALLBACK] })];
    const made = serving({ clients });
    assert.equal((await made.authorize(id).expect(200)).body.client.client_name, 'A client with a document');
    assert.deepEqual(made.asked, []);
    const open = serving({ clients, allowRegisteredURLs: true });
    assert.equal((await open.authorize(id).expect(200)).body.client.client_name, 'Registered');
  });

  it('§7.1 with allowRegisteredURLs, the limits of strangers do not count for a registered client', async () => {
    const id = host.publish('/partner.json');
    const secret = 'a secret of the partner';
    const clients = [client(id, { client_secret: secret, redirect_uris: [CALLBACK] })];
    const made = serving({ clients, allowRegisteredURLs: true });
    const push = () => made.post('/par', made.ask(id, { client_id: undefined })).auth(encodeURIComponent(id), secret);
    for (let count = 0; count < 101; count++) await push().expect(201);
  });

  it('§7.1 with allowRegisteredURLs, the limits of strangers count for a client of a document', async () => {
    const made = serving({ allowRegisteredURLs: true });
    const { body } = await made.authorize(host.publish('/strange.json')).expect(200);
    assert.equal(isMadeByAnyone(made.server.core, body.client), true);
  });

  it('§8.8 the logo of a document is not shown; a logo that the application provides is', async () => {
    const id = host.publish('/pictured.json', {
      logo_uri: 'https://client.example/logo.png',
      'logo_uri#de': 'https://client.example/de.png',
    });
    assert.doesNotMatch((await serving().authorize(id).expect(200)).text, /logo_uri|\.png/);
    const made = serving({ logo: (uri, clientID) => `/logos?of=${clientID === id && uri}` });
    const { client } = (await made.authorize(id).expect(200)).body;
    assert.equal(client.logo_uri, '/logos?of=https://client.example/logo.png');
    assert.deepEqual(client.redirect_uris, [CALLBACK], 'the rest stays');
    const plain = (await made.authorize(host.publish('/plain.json')).expect(200)).body;
    assert.equal('logo_uri' in plain.client, false, 'of a client without a logo nobody is asked');
    const script = host.publish('/script.json', { logo_uri: 'javascript:alert(1)' });
    await assertRefused(made, script, /logo_uri/);
  });

  it('§8.5 the dialog gets the hosts of the client and of the redirect URI, and whether any local program can impersonate the client', () => {
    const facts = (clientID: string, redirectURI: string, redirect_uris = [redirectURI]) =>
      clientFacts({
        client: { client_id: clientID, redirect_uris },
        redirectURI,
        req: { clientID },
      } as never as Transaction);
    const id = 'https://client.example:8443/client.json';
    assert.deepEqual(facts(id, 'https://other.example/cb'), {
      clientHost: 'client.example:8443',
      redirectHost: 'other.example',
      isLocalOnly: false,
    });
    const local = 'http://localhost:3000/cb';
    assert.deepEqual(facts(id, local), {
      clientHost: 'client.example:8443',
      redirectHost: 'localhost:3000',
      isLocalOnly: true,
    });
    assert.equal(facts(id, local, [local, 'http://127.0.0.1/cb', 'http://[::1]/cb']).isLocalOnly, true);
    assert.equal(facts(id, local, [local, 'https://localhost/cb']).isLocalOnly, true);
    assert.equal(facts(id, 'https://localhost/cb').isLocalOnly, true);
    for (const other of ['https://client.example/cb', 'com.example.app://localhost/cb', 'no URL'])
      assert.equal(facts(id, local, [local, other]).isLocalOnly, false, other);
    assert.equal(facts(id, local, null as never).isLocalOnly, true);
    assert.deepEqual(facts('registered', 'com.example.app:/cb'), {
      clientHost: undefined,
      redirectHost: 'com.example.app:',
      isLocalOnly: false,
    });
  });

  it('§6 the metadata says so, and that such clients need no secret', async () => {
    const document = await serving().metadata();
    assert.equal(document.client_id_metadata_document_supported, true);
    assert.ok(document.token_endpoint_auth_methods_supported.includes('none'));
  });

  it('cannot be where such clients could not authenticate, or could not be remembered: at start', () => {
    const clients = { find: () => undefined };
    const secretOnly = createServer<Registered, User>({ clients, tokens: tokenService({ store: memoryStore() }) });
    secretOnly.extend(clientIDMetadata());
    clientAuthentication<Registered>({ server: secretOnly, methods: [clientSecretBasic()] });
    assert.throws(() => secretOnly.check(), /none\(\)/);
    const forgetful = createServer<Registered, User>({ clients }).extend(clientIDMetadata());
    clientAuthentication<Registered>({ server: forgetful, methods: [none()] });
    assert.throws(() => forgetful.check(), /store/);
  });

  it('options that cannot be meant throw', () => {
    for (const options of [
      { trust: () => true },
      { leastAge: -1 },
      { mostAge: 0 },
      { leastAge: 100, mostAge: 10 },
      { staleAge: -1 },
      { mostDocuments: 0 },
      { atOnce: 1.5 },
      { perHostAndMinute: '3' },
      { fetchTimeout: 0 },
      { grantTypes: 'code' },
      { grantTypes: ['authorization_code', 5] },
    ])
      assert.throws(() => clientIDMetadata(options as never), TypeError, JSON.stringify(options));
  });
});

describe('Client ID Metadata Document §8.2: clients with keys', () => {
  it('§8.2 a client with a key must show it, and a rotated key counts', async () => {
    const made = serving();
    const [old, next] = [await keyPair('ES256', 'old'), await keyPair('ES256', 'next')];
    let keys = [old.publicKey];
    host.answer = (request, response) =>
      request.url === '/jwks'
        ? response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys }))
        : usual(request, response);
    const id = host.publish('/keyed.json', {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${host.origin}/jwks`,
    });
    const proof = ({ privateKey }: typeof old) => {
      const times = { exp: made.clock.now + 60, iat: made.clock.now };
      return inForm(signed(privateKey, { alg: 'ES256', kid: privateKey.kid }, goodClaims(id, times)));
    };
    assert.equal(made.clock.now, NOW);
    assertErrorHere(await made.redeem(id, await made.codeFor(id)), 400, 'invalid_client');
    await made.redeem(id, await made.codeFor(id), proof(old)).expect(200);
    keys = [next.publicKey];
    made.clock.now += 31;
    await made.redeem(id, await made.codeFor(id), proof(next)).expect(200);
    assert.equal(redirected(await made.decide((await made.authorize(id)).body.transactionID))['iss'], ISSUER);
  });
});
