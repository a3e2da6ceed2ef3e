/** What the token service learns from its server, and is said once. */
import assert from 'node:assert/strict';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Extension } from 'koauthorize';
import type { ServerFacts } from 'koauthorize/extending';
import {
  type AccessTokensFor,
  generateSigningKey,
  jwt,
  type KeySet,
  keySet,
  memoryStore,
  opaque,
  type TokenServiceOptions,
  tokenService,
} from 'koauthorize/tokens';
import { ParamMap } from '../../lib/syntax/param-map.js';
import { type App, ISSUER, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { tokenServer, WORKER } from '../support/token-server.js';

const AUDIENCE = 'https://api.example';

describe('token service: connect', () => {
  let keys: KeySet;
  const request = { client: WORKER, grantType: '', params: new ParamMap(), body: {} };
  const allowed = { user: { id: 'alice', name: '' }, scope: ['jobs'] };
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });

  it('gives jwt() its issuer and keys, which may be said later: they are read when they are needed', async () => {
    const { tokens, connect, errors, authorize, redeem, isActive } = tokenServer({
      tokens: { accessTokens: jwt({ audience: AUDIENCE }) },
    });
    assertErrorHere(await redeem(await authorize()), 500, 'server_error');
    assert.match(String(errors[0]), /jwt\(\{ issuer \}\) is needed, or createServer\(\{ issuer, tokens \}\)/);
    const said: { issuer?: string; keys?: KeySet } = {};
    tokens.connect(said);
    Object.assign(said, { issuer: ISSUER, keys });
    const { access_token } = await connect();
    assert.deepEqual([decodeJwt(access_token).iss, await isActive(access_token)], [ISSUER, true]);
    assert.equal((await tokens.verify(access_token))?.issuer, ISSUER);
  });

  it('tells how clients and users are identified, how they logged in, and the time', async () => {
    const tokens = tokenService<App, User>({ store: memoryStore() });
    const told: Partial<ServerFacts<App, User>> = {
      clientID: ({ client_id }) => `id of ${client_id}`,
      subject: ({ id }) => `user ${id}`,
      authenticationEvent: () => ({ acr: 'mfa', sessionID: 'a session' }),
      findClient: async (id) => (id === 'user worker' ? WORKER : undefined),
      now: () => 1_800_000_000,
    };
    tokens.connect(told);
    const issued = await tokens.issue(allowed, request);
    const verified = (await tokens.verify(issued.access_token)) ?? assert.fail();
    const { clientID, subject, acr, sessionID, issuedAt } = verified;
    assert.deepEqual(
      { clientID, subject, acr, sessionID, issuedAt },
      { clientID: 'id of worker', subject: 'user alice', acr: 'mfa', sessionID: 'a session', issuedAt: 1_800_000_000 },
    );
    const twin = tokens.issue({ user: { id: 'worker', name: '' }, scope: ['jobs'] }, request);
    await assert.rejects(twin, /A user and a client have one identifier, .+: createServer\(\{ subject \}\)/);
  });

  it('what is said of a login does not replace whose a token is, or how long it lives', async () => {
    for (const accessTokens of [opaque(), jwt({ audience: AUDIENCE, issuer: ISSUER, keys })]) {
      const tokens = tokenService<App, User>({ store: memoryStore(), accessTokens });
      const wrong = { clientID: 'another', subject: 'mallory', authorizationID: 'x', expiresAt: 9_999_999_999 };
      tokens.connect({ authenticationEvent: () => ({ acr: 'mfa', ...wrong }) });
      const { access_token } = await tokens.issue(allowed, request);
      const verified = (await tokens.verify(access_token)) ?? assert.fail();
      const { clientID, subject, acr, expiresAt } = verified;
      assert.deepEqual({ clientID, subject, acr }, { clientID: WORKER.client_id, subject: 'alice', acr: 'mfa' });
      assert.ok(expiresAt < wrong.expiresAt);
      if (access_token.includes('.')) assert.equal(decodeJwt(access_token).sub, 'alice');
    }
  });

  const said = {
    clientID: [() => 'one', () => 'other', 'one', 'other'],
    subject: [() => 'one', () => 'other', 'one', 'other'],
    authenticationEvent: [() => ({ acr: 'one' }), () => ({ acr: 'other' }), '', ''],
  } as const;
  for (const [name, [own, others, one, other]] of Object.entries(said)) {
    it(`what both say differently throws, and both are named: ${name}`, async () => {
      const options: object = { store: memoryStore(), [name]: own };
      const tokens = tokenService<App, User>(options as TokenServiceOptions<App, User>);
      tokens.connect({ [name]: own });
      await tokens.issue(allowed, request);
      tokens.connect({ [name]: () => undefined });
      await tokens.issue(allowed, request);
      tokens.connect({ [name]: others });
      const values = [one, other].map((each) => (each ? ` \\(${each}\\)` : ''));
      const message = `tokenService\\(\\{ ${name} \\}\\)${values[0]} and createServer\\(\\{ ${name} \\}\\)${values[1]} differ`;
      await assert.rejects(tokens.issue(allowed, request), new RegExp(message));
    });
  }

  it('a clock and a way to find clients of its own are the service’s', async () => {
    const tokens = tokenService<App, User>({ store: memoryStore(), now: () => 5000, findClient: () => undefined });
    tokens.connect({ now: () => 1, findClient: async () => WORKER });
    const { access_token } = await tokens.issue(allowed, request);
    assert.equal((await tokens.verify(access_token))?.issuedAt, 5000);
  });

  it('so do an issuer and keys that jwt() and the server say differently, with their values', async () => {
    const other = await keySet({ signing: await generateSigningKey('ES256') });
    const rows: readonly [Partial<ServerFacts<App, User>>, RegExp][] = [
      [
        { issuer: 'https://b.example' },
        /jwt\(\{ issuer \}\) \(https:\/\/as.example\) and createServer\(\{ issuer \}\) \(https:\/\/b.example\)/,
      ],
      [{ keys: other }, /jwt\(\{ keys \}\) and createServer\(\{ keys \}\) differ/],
    ];
    for (const [said, message] of rows) {
      const accessTokens = jwt({ issuer: 'https://as.example', audience: AUDIENCE, keys });
      const tokens = tokenService<App, User>({ store: memoryStore(), accessTokens });
      tokens.connect(said);
      await assert.rejects(tokens.issue({}, request), message);
    }
  });

  it('two servers that say different things are told so when the second is connected', () => {
    const tokens = tokenService<App, User>({ store: memoryStore() });
    tokens.connect({ issuer: 'https://a.example' });
    assert.throws(
      () => tokens.connect({ issuer: 'https://b.example' }),
      /\(https:\/\/a.example\).*\(https:\/\/b.example\)/,
    );
  });
});

describe('token service: callbacks that are asked for a value at once', () => {
  const CALLBACKS: readonly (keyof TokenServiceOptions<App, User>)[] = [
    'refreshTokens',
    'isPublic',
    'rotate',
    'lifetimes',
    'username',
    'clientID',
    'subject',
    'authenticationEvent',
  ];
  for (const name of CALLBACKS) {
    it(`refuse a promise, which would count as a value: ${name}`, async () => {
      const { authorize, redeem, errors } = tokenServer({ tokens: { [name]: async () => undefined } });
      const code = await authorize().catch(() => '');
      await redeem(code);
      assert.ok(errors.length > 0);
      assert.match(String(errors[0]), new RegExp(`${name}.* gave a promise where a value is needed`));
    });
  }

  it('refuse a promise, which would count as a value: clientScope', async () => {
    const { request, errors } = tokenServer({ tokens: { clientScope: (async () => ['all']) as never } });
    assertErrorHere(await request({ grant_type: 'client_credentials' }, WORKER), 500, 'server_error');
    assert.match(String(errors[0]), /tokenService\(\{ clientScope \}\) gave a promise/);
  });
});

describe('token service: a format of access tokens for each API', () => {
  it('is the one that the function says, and tokens of all are found by a service that has not been asked yet', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const own = { ...opaque(), origin: { audience: ['https://own.example'] } };
    const signed = jwt({ issuer: ISSUER, audience: AUDIENCE, keys });
    const asked: unknown[] = [];
    const accessTokens: AccessTokensFor<App> = (audience, client) => {
      asked.push([audience, client.client_id]);
      return audience?.includes(AUDIENCE) ? signed : own;
    };
    let audience: readonly string[] | undefined;
    const resource: Extension<App, User> = { name: 'resource', token: { parse: () => audience && { audience } } };
    const store = memoryStore();
    const { connect } = tokenServer({ tokens: { store, accessTokens }, plug: (each) => each.extend(resource) });
    const plain = await connect();
    audience = [AUDIENCE];
    const bound = await connect();
    assert.equal(decodeProtectedHeader(bound.access_token).typ, 'at+jwt');
    assert.deepEqual(asked, [
      [undefined, 'client'],
      [[AUDIENCE], 'client'],
    ]);
    for (const later of [accessTokens, opaque(), undefined]) {
      const { tokens, isActive, revoke } = tokenServer({ tokens: { store, ...(later && { accessTokens: later }) } });
      assert.deepEqual((await tokens.verify(plain.access_token))?.audience, ['https://own.example']);
      assert.deepEqual((await tokens.verify(bound.access_token))?.audience, [AUDIENCE]);
      if (later === undefined) await revoke(bound.access_token).expect(200);
      assert.equal(await isActive(bound.access_token), later !== undefined);
    }
  });

  it('that is none is a mistake that costs the client nothing', async () => {
    let format: ReturnType<AccessTokensFor<App>> | undefined;
    const { authorize, redeem, errors } = tokenServer({ tokens: { accessTokens: () => format as never } });
    const code = await authorize();
    assertErrorHere(await redeem(code), 500, 'server_error');
    assert.match(String(errors[0]), /tokenService\(\{ accessTokens \}\) gave no format/);
    format = opaque();
    await redeem(code).expect(200);
  });
});
