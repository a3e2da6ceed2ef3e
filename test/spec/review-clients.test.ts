/** What a hostile review of client authentication and of the API side tried: each title says what must hold. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import passport from 'koa-passport';
import session from 'koa-session';
import { certificateBoundTokens, createServer, exchange, type RedirectURI, type TokenRequest } from 'koauthorize';
import { ClientStrategy, clientAuthentication, headerCertificate, none, privateKeyJwt } from 'koauthorize/client-auth';
import { bearer, introspectionVerifier, jwtVerifier } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import request from 'supertest';
import { passportServer } from '../../examples/passport/server.js';
import { quickstart } from '../../examples/quickstart/server.js';
import { throttle } from '../../examples/quickstart/throttle.js';
import type { Fetch } from '../../lib/http/fetch-text.js';
import { remoteKeys } from '../../lib/keys/remote-keys.js';
import { toParams } from '../../lib/syntax/param-map.js';
import { exchangeRaw, GOOD, api as makeAPI } from '../resource-server/api.js';
import { goodClaims, inForm, NOW, onceOnly, signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import { selfSigned } from '../support/certificates.js';
import { basic, client, clientAuthServer, METHODS, PUBLIC, type Registered } from '../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';
import { keyPair, type Pair } from '../support/key-server.js';

function tokenRequestOf(of: Registered, more: object = {}): TokenRequest<Registered> {
  return { grantType: '', client: of, params: toParams(new Map()), body: {}, authInfo: undefined, ...more };
}

describe('review: a client that proves nothing', () => {
  it('RFC 6749 §4.4 gets no token of its own, whatever the member is called that says that it is public', async () => {
    const clients = [
      client('app', { auth: 'none' }),
      client('tool', { token_endpoint_auth_method: ['none'] as never }),
    ];
    const byMember = clientAuthServer({
      clients,
      authentication: { registeredMethod: (registered) => registered['auth'] as string },
    });
    assertErrorHere(await byMember.token({ client_id: 'app' }), 400, 'unauthorized_client');
    assert.deepEqual(byMember.issued, []);
  });

  it('RFC 6749 §4.4 not by the strategy either', async () => {
    const { token, issued } = clientAuthServer({
      door: 'ClientStrategy',
      clients: [client('app', { auth: 'none' })],
      authentication: { registeredMethod: (registered) => registered['auth'] as string },
    });
    assertErrorHere(await token({ client_id: 'app' }), 400, 'unauthorized_client');
    assert.deepEqual(issued, []);
  });

  it('RFC 8705 §4 has its refresh token bound to its certificate, whatever that member is called', async () => {
    const tokens = tokenService<Registered>({ store: memoryStore() });
    const certificates = [await selfSigned(), await selfSigned()];
    const certificate = (ctx: Context) => {
      const found = certificates[Number(ctx.get('X-Which'))];
      return found && { certificate: found.certificate, isVerified: false };
    };
    const req = { type: 'code', clientID: 'app' };
    const authorization = { clientID: 'app', redirectURI: '', scope: [], request: req };
    const txn = { client: client('app', {}), redirectURI: '' as RedirectURI, user: { id: 'alice' }, req };
    const code = await tokens.code.issue(txn, authorization);
    const { token } = clientAuthServer({
      clients: [client('app', { auth: 'none', tls_client_certificate_bound_access_tokens: true })],
      authentication: { registeredMethod: (registered) => registered['auth'] as string },
      plug(server) {
        server
          .exchange(exchange.code(tokens.code as never))
          .exchange(exchange.refreshToken(tokens.refreshToken as never))
          .extend(certificateBoundTokens({ certificate }));
      },
    });
    const first = await token({ client_id: 'app', grant_type: 'authorization_code', code }, { 'X-Which': '0' });
    const refresh = { client_id: 'app', grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    assert.equal(first.status, 200, first.text);
    assertErrorHere(await token(refresh, { 'X-Which': '1' }), 400, 'invalid_grant'); // a thief's certificate
  });

  const asked: readonly (readonly [unknown, boolean])[] = [
    ...([true, 1, '1', 'true', 'yes'] as const).map((word) => [word, true] as const),
    ...([false, 0, '0', 'false', '', null, undefined] as const).map((word) => [word, false] as const),
  ];
  for (const [word, isBound] of asked)
    it(`RFC 8705 §3.4 registered ${JSON.stringify(word)}: its tokens are ${isBound ? '' : 'not '}bound`, async () => {
      const { core } = createServer().extend(certificateBoundTokens());
      const { token } = core.extension('certificate-bound tokens') ?? {};
      const app = client('app', { tls_client_certificate_bound_access_tokens: word });
      const ctx = { req: { socket: {} } } as unknown as Context;
      const parse = async () => token?.parse?.(toParams(new Map()), app as never, ctx, 'client_credentials');
      if (isBound) await assert.rejects(parse, { code: 'invalid_request' });
      else assert.equal(await parse(), undefined);
    });

  it('RFC 7662 §2.1 is told nothing by introspection: there, a client must be authorized', async () => {
    const { post } = clientAuthServer();
    const { body } = await post('/introspect', { client_id: 'public', token: "public's" });
    assert.notEqual(body.active, true);
  });
});

describe('review: what a client registered', () => {
  const methods = ['private_key_jwt'];
  for (const registered of [methods, { method: 'private_key_jwt' }, true]) {
    it(`RFC 7591 §2: a method that cannot be read, ${JSON.stringify(registered)}, is not "none registered"`, async () => {
      const { token, issued } = clientAuthServer({
        clients: [client('app', { client_secret: 'old', token_endpoint_auth_method: registered as never })],
      });
      assertInvalidClient(await token({}, basic('app', 'old')));
      assert.deepEqual(issued, []);
    });
  }

  for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    it(`a find that looks into a plain object: ${id} is no client, and no server_error`, async () => {
      const apps: Record<string, Registered> = { app: client('app', { client_secret: 's' }) };
      const { token } = clientAuthServer({ authentication: { find: (name) => apps[name] } });
      assertInvalidClient(await token({}, basic(id, 's')));
      assertInvalidClient(await token({ client_id: id }));
    });
});

describe('review: ctx.state.oauth2.client', () => {
  it('of a door that was passed does not outlive its request', async () => {
    const { token } = clientAuthServer();
    await token({}, basic('client', 'a secret')).expect(200);
    assertInvalidClient(await token());
  });

  it('a door that is passed twice lets in whom the second lets in', async () => {
    const server = createServer<Registered>();
    const given: string[] = [];
    server.exchange(
      exchange.clientCredentials(({ client_id }) => {
        given.push(client_id);
        return 'token';
      }),
    );
    const one = client('one', { client_secret: '1' });
    const two = client('two', { client_secret: '2' });
    const door = (only: Registered) =>
      clientAuthentication<Registered>({ find: (id) => id === only.client_id && only, methods: METHODS });
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(door(one)).use(door(two)).use(server.token());
    const form = { grant_type: 'client_credentials' };
    for (const [id, secret] of [
      ['one', '1'],
      ['two', '2'],
    ] as const)
      await request(app.callback()).post('/').set(basic(id, secret)).type('form').send(form).expect(401);
    assert.deepEqual(given, []);
  });
});

describe('review: ClientStrategy', () => {
  /** passport.authenticate without `session: false`, which everybody forgets once. */
  function forgetful() {
    const auth = new passport.KoaPassport();
    auth.use(
      new ClientStrategy<Registered>({
        find: (id) => id === 'alice' && client('alice', { client_secret: 's' }),
        methods: METHODS,
      }),
    );
    auth.serializeUser((user, done) => done(null, (user as { id?: string; client_id?: string }).client_id ?? 'x'));
    auth.deserializeUser((id: string, done) => done(null, { id }));
    const server = createServer<Registered>();
    server.exchange(exchange.clientCredentials(() => 'token'));
    const app = new Koa();
    app.keys = ['a key'];
    app.silent = true;
    app.use(session(app)).use(server.errorHandler()).use(auth.initialize()).use(auth.session());
    const router = new Router();
    router.post('/token', auth.authenticate('oauth2-client'), server.token());
    router.get('/whoami', (ctx) => {
      ctx.body = { user: ctx.state['user'] ?? null };
    });
    app.use(router.routes());
    return app;
  }

  it('never logs a client in as a user: a client named alice is not the user alice', async () => {
    const browser = request.agent(forgetful().callback());
    await browser.post('/token').set(basic('alice', 's')).type('form').send({ grant_type: 'client_credentials' });
    const { body } = await browser.get('/whoami');
    assert.deepEqual(body, { user: null });
  });

  it('what passport throws behind a success is an error of that request, and does not end the process', async () => {
    const program = `
      import Koa from 'koa';
      import passport from 'koa-passport';
      import { ClientStrategy, clientSecretBasic } from './lib/client-auth/index.ts';
      const auth = new passport.KoaPassport();
      const find = () => ({ client_id: 'app', client_secret: 's' });
      auth.use(new ClientStrategy({ find, methods: [clientSecretBasic()] }));
      const app = new Koa();
      app.silent = true;
      app.use((ctx, next) => { ctx.session = {}; return next(); }); // a session from before passport 0.6: no regenerate
      app.use(auth.initialize()).use(auth.authenticate('oauth2-client')).use((ctx) => { ctx.body = 'in'; });
      const server = app.listen(0, async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const headers = { Authorization: 'Basic ' + btoa('app:s'), 'Content-Type': 'application/x-www-form-urlencoded' };
        const { status } = await fetch(url, { method: 'POST', headers, body: 'a=b' });
        console.log('answered', status);
        process.exit(0);
      });`;
    const args = ['--import', './test/register.mjs', '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 }).catch(
      (error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}${error.stderr}` }),
    );
    assert.match(stdout, /^answered 500/, stdout);
  });
});

describe('review: throttles', () => {
  it('one name for one client, encoded or not', async () => {
    const told = new Set<string>();
    const { token } = clientAuthServer({
      authentication: {
        throttle: {
          before({ clientID }) {
            told.add(clientID);
            return undefined;
          },
          after() {},
        },
      },
    });
    for (const id of ['client', '%63lient', 'c%6Cient', 'cl%69ent'])
      assertInvalidClient(await token({}, basic(id, 'wrong')));
    assertInvalidClient(await token({ client_id: 'client', client_secret: 'x' }));
    assert.deepEqual([...told], ['client']);
  });

  it('quickstart behind a proxy that appends: X-Forwarded-For of the client’s own makes no new address', async () => {
    const store = memoryStore();
    const app = await quickstart('https://as.example', store);
    app.silent = true;
    const statuses = new Set<number>();
    for (let guess = 0; guess < 12; guess++) {
      const { status } = await request(app.callback())
        .post('/token')
        .set(basic('demo', `guess ${guess}`))
        .set('X-Forwarded-For', `198.51.100.${guess}, 203.0.113.7`) // the last is what the proxy saw
        .type('form')
        .send({ grant_type: 'client_credentials' });
      statuses.add(status);
    }
    await store.close();
    assert.ok(statuses.has(429), `12 guesses at one client from one address: ${[...statuses]}`);
  });

  it('quickstart: an address over its limit makes no further entries: names are an attacker’s to make up', async () => {
    const { consume } = RateLimiterMemory.prototype;
    const keys = new Set<string | number>();
    RateLimiterMemory.prototype.consume = function (key, ...more) {
      keys.add(key);
      return consume.call(this, key, ...more);
    };
    try {
      const { before } = throttle(10, 5);
      const address = '203.0.113.7';
      for (let n = 0; n < 500; n++) await before({ clientID: `${n}`.padStart(2000, 'x'), address });
    } finally {
      RateLimiterMemory.prototype.consume = consume;
    }
    assert.ok(keys.size <= 10, `${keys.size} entries for one address with 5 attempts`);
  });
});

describe('review: private_key_jwt', () => {
  let key: Pair;
  before(async () => {
    key = await keyPair('ES256', 'k');
  });
  const signer = (id: string, more: object = {}) =>
    client(id, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.publicKey] }, ...more });
  function jwtServer(clients: readonly Registered[], once = onceOnly()) {
    const method = privateKeyJwt<Registered>({ issuer: ISSUER, useOnce: once.useOnce, now: () => NOW });
    const made = clientAuthServer({ clients, authentication: { methods: [...METHODS, method] } });
    return {
      ...made,
      used: once.calls,
      present: (text: string, more = {}) => made.token({ ...inForm(text), ...more }),
    };
  }
  const sign = (claims: object | string, header: object | string = { alg: 'ES256' }) =>
    signed(key.privateKey, header as never, claims as never);

  it('a decoy uses up nothing: not the jti of another client, nor room in the store', async () => {
    const { present, used } = jwtServer([signer('mallory'), client('victim', { client_secret: 's' })]);
    await present(sign(goodClaims('mallory'))).expect(200); // and is the decoy from now on
    const before = used.length;
    for (const sub of ['victim', 'nobody', 'nobody-2']) assertInvalidClient(await present(sign(goodClaims(sub))));
    assert.equal(used.length, before, JSON.stringify(used.slice(before)));
  });

  it('duplicate members are read once, and the same everywhere', async () => {
    const { present, used } = jwtServer([signer('one'), signer('two', { jwks: { keys: [] } })]);
    const claims = (sub: string) =>
      `{"iss":"one","sub":"one","iss":"${sub}","sub":"${sub}","aud":"${ISSUER}","exp":${NOW + 60},"jti":"a","jti":"b"}`;
    assertInvalidClient(await present(sign(claims('two'))));
    await present(sign(claims('one'))).expect(200);
    assert.equal(used.length, 1);
    assertInvalidClient(await present(sign(claims('one').replace('"jti":"a"', '"jti":"c"'))));
    assertInvalidClient(await present(sign(goodClaims('one'), '{"alg":"none","alg":"ES256","crit":["x"]}')));
  });

  it('every jti is its own: what looks or normalises alike, and what a separator might join', async () => {
    const { present } = jwtServer([signer('one')]);
    const all = [
      'é',
      'e\u0301',
      '\ud800',
      '\\ud800',
      '\ufffd',
      'a","b',
      'a","b"]',
      '1',
      ' 1',
      '01',
      '\u0000',
      'x'.repeat(512),
    ];
    for (const jti of all) await present(sign(goodClaims('one', { jti }))).expect(200);
    for (const jti of all) assertInvalidClient(await present(sign(goodClaims('one', { jti }))));
    for (const jti of [1, ['1'], {}, true, 'x'.repeat(513)])
      assertInvalidClient(await present(sign(goodClaims('one', { jti }))));
  });

  it('the same jti with another exp, iat or spelling of the JSON is the same', async () => {
    const { present } = jwtServer([signer('one')]);
    await present(sign(goodClaims('one', { jti: 'j' }))).expect(200);
    for (const more of [{ exp: NOW + 600 }, { iat: NOW - 5 }, { nbf: NOW - 5 }, { extra: 1 }])
      assertInvalidClient(await present(sign(goodClaims('one', { jti: 'j', ...more }))));
    const spaced = JSON.stringify(goodClaims('one'), null, 2).replace(/"jti": "[^"]*"/, '"jti": "\\u006a"');
    assertInvalidClient(await present(sign(spaced)));
  });

  it('white space and padding around or in an assertion are no second assertion', async () => {
    const { present } = jwtServer([signer('one')]);
    const text = sign(goodClaims('one'));
    await present(text).expect(200);
    for (const again of [
      ` ${text}`,
      `${text} `,
      `${text}=`,
      `${text}\n`,
      text.replace('.', '.\n'),
      `${text}.`,
      `.${text}`,
    ])
      assertInvalidClient(await present(again));
  });

  it('b64, zip and nesting', async () => {
    const { present, used } = jwtServer([signer('one')]);
    for (const header of [
      { alg: 'ES256', b64: false, crit: ['b64'] },
      { alg: 'ES256', crit: [] },
      { alg: 'ES256', crit: ['exp'], exp: 1 },
      { alg: ['ES256'] },
      { alg: 'es256' },
      { alg: 'ES256\u0000' },
      { alg: 'ES256', typ: 'at+jwt' },
      { alg: 'ES256', typ: 'JWT\n' },
      { alg: 'ES256', typ: ['JWT'] },
    ])
      assertInvalidClient(await present(sign(goodClaims('one'), header)));
    assert.equal(used.length, 0);
  });

  it('an RSA key in the set does not serve for EC, nor a symmetric or private one for anything', async () => {
    const oct = { kty: 'oct', k: Buffer.alloc(64, 1).toString('base64url'), kid: 'k' };
    for (const bad of [
      oct,
      { ...key.privateKey },
      { ...key.publicKey, use: 'enc' },
      { ...key.publicKey, key_ops: ['sign'] },
    ]) {
      const { present } = jwtServer([signer('one', { jwks: { keys: [bad] } })]);
      assertInvalidClient(await present(sign(goodClaims('one'))));
      const hmac = signed(Buffer.alloc(64, 1), { alg: 'HS256', kid: 'k' }, goodClaims('one'), 'HS256');
      assertInvalidClient(await present(hmac));
    }
  });

  it('neither cause nor answer has a piece of the assertion', async () => {
    const { present, errors } = jwtServer([signer('one')]);
    const broken = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from('{"sub":"S3CR3T').toString('base64url')}.x`;
    for (const text of [broken, sign('{"sub":"S3CR3T"'), 'S3CR3T.S3CR3T.S3CR3T', sign(goodClaims('S3CR3T'))]) {
      const { text: answer } = await present(text);
      assert.doesNotMatch(answer, /S3CR3T/);
    }
    const said = errors.slice(0, 3).flatMap((error) => [String(error), String(error.cause)]);
    assert.doesNotMatch(said.join('\n'), /S3CR3T|eyJ/);
  });
});

describe('review: keys behind a URL', () => {
  let one: Pair;
  let two: Pair;
  before(async () => {
    [one, two] = [await keyPair('ES256', 'one'), await keyPair('ES256', 'two')];
  });

  it('a clock that steps back does not keep a withdrawn key, or a new one out, until it has caught up', async () => {
    let keys = [one.publicKey];
    let now = NOW + 86_400; // a day ahead, until the machine learns the time
    const fetch: Fetch = async () => Response.json({ keys });
    const { find } = remoteKeys({ fetch, now: () => now })('https://client.example/jwks');
    await find({ alg: 'ES256', kid: 'one' });
    now = NOW;
    keys = [two.publicKey];
    now += 7200; // two hours: twice what a last resort is good for
    await find({ alg: 'ES256', kid: 'two' });
    await assert.rejects(find({ alg: 'ES256', kid: 'one' }));
  });

  it('nor does it keep a failure', async () => {
    let now = NOW + 86_400;
    let isDown = true;
    const fetch: Fetch = async () =>
      isDown ? new Response('', { status: 500 }) : Response.json({ keys: [one.publicKey] });
    const { find } = remoteKeys({ fetch, now: () => now })('https://client.example/jwks');
    await assert.rejects(find({ alg: 'ES256', kid: 'one' }));
    now = NOW + 7200;
    isDown = false;
    await find({ alg: 'ES256', kid: 'one' });
  });
});

describe('review: certificates in a header', () => {
  it('two headers are none, whichever comes first', async () => {
    const { x5c } = await selfSigned();
    const read = headerCertificate({ name: 'X-Cert', isVerified: () => true });
    const app = new Koa();
    app.use((ctx) => {
      ctx.body = { has: read(ctx) !== undefined };
    });
    const ask = async (...certificates: readonly string[]) =>
      (await exchangeRaw(app, ['GET / HTTP/1.1', 'Host: a', ...certificates.map((one) => `X-Cert: ${one}`)])).text;
    assert.match(await ask(x5c), /"has":true/);
    for (const pair of [
      [x5c, x5c],
      [x5c, '-'],
      ['', x5c, x5c],
      [`:${x5c}:`, x5c],
    ])
      assert.match(await ask(...pair), /"has":false/);
  });
});

describe('review: bearer', () => {
  it('RFC 9700 §2.3: an audience that is no list is the application’s mistake, and no match of a part', async () => {
    const audience = 'https://api.example.evil.example' as never; // `aud` of a JWT as it stands
    const { ask, seen } = makeAPI({
      tokens: { good: { ...GOOD, audience } },
      audience: 'https://api.example',
    });
    const { status } = await ask('Bearer good');
    assert.notEqual(status, 200);
    assert.deepEqual(seen, []);
  });

  it('a confirmation of null is none, or a refusal, and no crash', async () => {
    const { ask } = makeAPI({ tokens: { good: { ...GOOD, confirmation: null as never } } });
    const { status } = await ask('Bearer good');
    assert.ok(status === 401 || status === 200, String(status));
  });

  it('a key of the issuer’s that is too weak, or no key, makes no server_error: anyone can name it', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak' };
    const offCurve = {
      kty: 'EC',
      crv: 'P-256',
      x: Buffer.alloc(32, 1).toString('base64url'),
      y: Buffer.alloc(32, 1).toString('base64url'),
      kid: 'off',
    };
    const fetch: Fetch = async () => Response.json({ keys: [jwk, offCurve] });
    const verify = jwtVerifier({ issuer: ISSUER, audience: 'api', jwksURI: `${ISSUER}/jwks`, fetch, now: () => NOW });
    const app = new Koa();
    app.silent = true;
    app.use(bearer({ verify, now: () => NOW })).use((ctx) => {
      ctx.body = 'in';
    });
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: ISSUER, aud: 'api', sub: 'a', client_id: 'c', jti: 'j', iat: NOW, exp: NOW + 60 };
    const statuses: number[] = [];
    for (const header of [
      { alg: 'RS256', kid: 'weak', typ: 'at+jwt' },
      { alg: 'ES256', kid: 'off', typ: 'at+jwt' },
    ]) {
      const token = `${encode(header)}.${encode(claims)}.${Buffer.alloc(header.alg === 'RS256' ? 128 : 64).toString('base64url')}`;
      statuses.push((await request(app.callback()).get('/').set('Authorization', `Bearer ${token}`)).status);
    }
    assert.deepEqual(statuses, [401, 401]);
  });

  it('RFC 9068 §5: a user whose id is the client’s gets no token: APIs could take the one for the other', async () => {
    const tokens = tokenService<Registered>({ store: memoryStore(), authenticate: () => ({ id: 'backup' }) });
    const backup = client('backup', { scope: 'read', grant_types: ['password'] });
    const credentials = { username: 'x', password: 'y' };
    await assert.rejects(
      async () => tokens.password.issue(credentials, tokenRequestOf(backup)),
      /one identifier, backup/,
    );
    assert.ok(
      await tokens.password.issue(credentials, tokenRequestOf({ ...backup, client_id: 'other' })),
      'another client',
    );
  });

  it('an answer that is kept for ten seconds is not kept for a day, when the clock steps back by one', async () => {
    let now = NOW + 86_400;
    let active = true;
    const verify = introspectionVerifier({
      endpoint: 'https://as.example/introspect',
      clientID: 'api',
      clientSecret: 's',
      now: () => now,
      fetch: async () => Response.json({ active, token_type: 'Bearer' }),
    });
    assert.ok(await verify('token'), 'good');
    active = false; // revoked
    now = NOW + 3600;
    assert.equal(await verify('token'), undefined);
  });

  it('nor are the metadata of an issuer, or that there are none', async () => {
    let now = NOW;
    let isDown = false;
    const asked: string[] = [];
    const fetch: Fetch = async (url) => {
      asked.push(url);
      if (isDown) return new Response('', { status: 500 });
      return Response.json(url.includes('.well-known') ? { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` } : { keys: [] });
    };
    const key = await keyPair('ES256', 'k');
    const token = signed(key.privateKey, { alg: 'ES256', typ: 'at+jwt' }, goodClaims('x'));
    const discoveries = async (verify: (token: string) => Promise<unknown>): Promise<number> => {
      asked.length = 0;
      await verify(token).catch(() => undefined);
      return asked.filter((url) => url.includes('oauth-authorization-server')).length;
    };
    const good = jwtVerifier({ issuer: ISSUER, audience: 'api', fetch, now: () => now });
    assert.deepEqual([await discoveries(good), await discoveries(good)], [1, 0]);
    now -= 86_400;
    assert.equal(await discoveries(good), 1);
    isDown = true;
    const failing = jwtVerifier({ issuer: ISSUER, audience: 'api', fetch, now: () => now });
    assert.deepEqual([await discoveries(failing), await discoveries(failing)], [1, 0]);
    now -= 86_400;
    assert.equal(await discoveries(failing), 1);
  });

  it('the metadata of an issuer elsewhere do not lead to what listens on this machine', async () => {
    const asked: string[] = [];
    const fetch: Fetch = async (url) => {
      asked.push(url);
      return Response.json(
        url.includes('.well-known') ? { issuer: ISSUER, jwks_uri: 'http://localhost:9200/' } : { keys: [] },
      );
    };
    const verify = jwtVerifier({ issuer: ISSUER, audience: 'api', fetch, now: () => NOW });
    const key = await keyPair('ES256', 'k');
    await verify(signed(key.privateKey, { alg: 'ES256', typ: 'at+jwt' }, goodClaims('x'))).catch(() => undefined);
    assert.deepEqual(
      asked.filter((url) => url.startsWith('http:')),
      [],
    );
  });

  it('what is presented twice, folded, joined or in another case is no second chance', async () => {
    const { ask, seen } = makeAPI();
    for (const header of [
      'Bearer good, Bearer bad',
      'Bearer good good',
      'Bearer\tgood',
      'Bearer  ',
      'Bearer=good',
      'BearerX good',
    ])
      assert.notEqual((await ask(header)).status, 200, header);
    assert.deepEqual(seen, []);
  });
});

describe('review: the examples', () => {
  for (const form of [
    'client_id=robot&client_secret=a&client_secret=b',
    'client_id=robot&client_id=robot&client_secret=a',
    'client_id=robot&client_secret[x]=a',
    'client_id[]=robot&client_secret=a',
  ])
    it(`passport, as before: ${form} is refused, and no server_error`, async () => {
      const app = passportServer();
      app.silent = true;
      const body = `grant_type=client_credentials&${form}`;
      const { status } = await request(app.callback()).post('/token/as-before').type('form').send(body);
      assert.ok(status === 400 || status === 401, String(status));
    });
});

describe('review: method confusion', () => {
  it('RFC 6749 §2.3: every pair of methods in one request, for every registration', async () => {
    const key = await keyPair('ES256', 'k');
    const registrations = [undefined, 'none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];
    const used = onceOnly();
    const method = privateKeyJwt<Registered>({ issuer: ISSUER, useOnce: used.useOnce, now: () => NOW });
    const clients = registrations.map((name) =>
      client(`c-${name}`, {
        client_secret: 'right',
        jwks: { keys: [key.publicKey] },
        ...(name && { token_endpoint_auth_method: name }),
      }),
    );
    const { token, issued } = clientAuthServer({
      clients,
      authentication: { methods: [none(), method, ...METHODS.slice(0, 2)] },
    });
    const ways = {
      none: (id: string) => [{ client_id: id }, {}],
      client_secret_basic: (id: string) => [{}, basic(id, 'right')],
      client_secret_post: (id: string) => [{ client_id: id, client_secret: 'right' }, {}],
      private_key_jwt: (id: string) => [inForm(signed(key.privateKey, { alg: 'ES256' }, goodClaims(id))), {}],
    } as const;
    for (const { client_id, token_endpoint_auth_method: own } of clients)
      for (const [one, first] of Object.entries(ways)) {
        const [params, headers] = first(client_id) as [object, Record<string, string>];
        const { status, body } = await token(params, headers);
        const may = own === undefined ? one.startsWith('client_secret') : own === one;
        // a public client has no token of its own
        const expected = may
          ? own === 'none'
            ? [400, 'unauthorized_client']
            : [200, undefined]
          : ['authorization' in headers || 'Authorization' in headers ? 401 : 400, 'invalid_client'];
        assert.deepEqual([status, body.error], expected, `${client_id} by ${one}`);
        for (const [two, second] of Object.entries(ways)) {
          if (one === two || [one, two].includes('none')) continue;
          const [more, further] = second(client_id) as [object, Record<string, string>];
          const both = await token({ ...params, ...more }, { ...headers, ...further });
          assertErrorHere(both, 400, 'invalid_request');
        }
      }
    assert.ok(issued.every(({ client: id }) => id !== 'c-none'));
  });

  it('find is only ever given strings that an identifier can be', async () => {
    const { token, post, asked } = clientAuthServer({ clients: [PUBLIC] });
    for (const id of ['é', '\u212a', 'a\u0000', ' ', '%00', '%C3%A9', 'a'.repeat(2049), '%', '%ff', 'public\n'])
      for (const response of [await token({ client_id: id }), await token({}, basic(id, 'x'))])
        assert.ok([400, 401].includes(response.status), `${id}: ${response.status}`);
    for (const form of ['client_id[]=public', 'client_id[$ne]=x', 'client_id=public&client_id=public'])
      assert.ok([400, 401].includes((await post('/token', `grant_type=client_credentials&${form}`)).status));
    for (const id of asked) assert.match(id, /^[\x20-\x7e]{1,2048}$/);
  });

  it('names that differ in case or by what a database may strip are not the client', async () => {
    const { token, issued } = clientAuthServer({
      authentication: {
        find: (id) => (id.trim().toLowerCase() === 'client' ? client('client', { client_secret: 's' }) : undefined),
      },
    });
    for (const id of ['Client', 'client ', ' client', 'CLIENT', '%43lient', 'client%20', '+client'])
      assertInvalidClient(await token({}, basic(id, 's')));
    assert.deepEqual(issued, []);
  });
});

describe('review: what is used once', () => {
  it('a full memory store, and a clock that steps back a minute, let nothing be used twice', async () => {
    const clock = { now: NOW };
    const tokens = tokenService({ store: memoryStore({ max: 3 }), now: () => clock.now });
    assert.equal(await tokens.useOnce('a', NOW + 90), true);
    assert.equal(await tokens.useOnce('b', NOW + 90), true);
    assert.equal(await tokens.useOnce('c', NOW + 90), true);
    await assert.rejects(tokens.useOnce('d', NOW + 90));
    for (const key of ['a', 'b', 'c']) assert.notEqual(await tokens.useOnce(key, NOW + 90).catch(() => false), true);
    clock.now = NOW + 100;
    assert.equal(await tokens.useOnce('d', NOW + 190).catch(() => false), false);
    clock.now = NOW + 85;
    assert.notEqual(await tokens.useOnce('a', NOW + 90).catch(() => false), true);
  });
});

describe('review: passport-http-bearer', () => {
  it('RFC 8705 §3: the verify of the example lets no bound token in that nobody proved the key of', async () => {
    const { Strategy } = await import('passport-http-bearer');
    const tokens = tokenService<Registered>({ store: memoryStore() });
    const app = client('app', { scope: 'lamps', grant_types: ['client_credentials'] });
    const confirmation = { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' };
    const { access_token } = await tokens.clientCredentials.issue(tokenRequestOf(app, { confirmation }));
    const auth = new passport.KoaPassport();
    // as in examples/passport and docs/api-side.md
    const verify = async (token: string) => {
      const found = await tokens.verify(token);
      return found?.confirmation ? false : found;
    };
    auth.use(new Strategy((token, done) => void verify(token).then((found) => done(null, found), done)));
    const koa = new Koa();
    koa
      .use(auth.initialize())
      .use(auth.authenticate('bearer', { session: false }))
      .use((ctx) => {
        ctx.body = 'in';
      });
    const { status } = await request(koa.callback()).get('/').set('Authorization', `Bearer ${access_token}`);
    assert.equal(status, 401);
  });
});
