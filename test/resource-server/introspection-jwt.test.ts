/** RFC 9701 on the API's side: answers of introspection that are signed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHTTPServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { CompactEncrypt, importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import Koa from 'koa';
import { createServer, exchange, introspection, jwks, metadata } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import {
  type IntrospectionJWTOptions,
  type IntrospectionVerifierOptions,
  introspectionVerifier,
  KeysUnavailableError,
  VerifierUnavailableError,
} from 'koauthorize/resource-server';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { api, assertRefused, NOW } from './api.js';
import { json, type Remote, remote } from './remote.js';

const TYPE = 'token-introspection+jwt';
const MEDIA_TYPE = `application/${TYPE}`;
const METADATA = '/.well-known/oauth-authorization-server';
const MEMBERS = { active: true, token_type: 'Bearer', scope: 'read', client_id: 'client', sub: 'alice' };

const publicPart = ({ d: _, p, q, dp, dq, qi, ...open }: JWK): JWK => open;

describe('introspectionVerifier({ jwtResponses }): RFC 9701', () => {
  let server: Remote;
  let key: JWK;
  let answer: string;
  const clock = { now: NOW };
  const keys: { published: readonly JWK[] } = { published: [] };
  before(async () => {
    key = await generateSigningKey('ES256');
  });
  beforeEach(async () => {
    clock.now = NOW;
    keys.published = [publicPart(key)];
    server = await remote((asked, response) => {
      if (asked.path === METADATA) return json({ issuer: server.url, jwks_uri: `${server.url}/jwks` })(asked, response);
      if (asked.path === '/jwks') return json({ keys: keys.published })(asked, response);
      return response.writeHead(200, { 'Content-Type': MEDIA_TYPE }).end(answer);
    });
    answer = await signed();
  });
  afterEach(() => server.close());

  const claims = (more: object = {}): JWTPayload => ({
    iss: server.url,
    aud: 'api',
    iat: NOW,
    token_introspection: MEMBERS,
    ...more,
  });
  async function signed(more: object = {}, header: object = {}, by = key): Promise<string> {
    const { alg = '', kid = '' } = by;
    const jwt = new SignJWT(claims(more)).setProtectedHeader({ alg, kid, typ: TYPE, ...header });
    return jwt.sign(await importJWK(by, alg));
  }
  const verifier = (jwtResponses: Partial<IntrospectionJWTOptions> = {}, options: object = {}) =>
    introspectionVerifier({
      endpoint: `${server.url}/introspect`,
      clientID: 'api',
      clientSecret: 'secret',
      cache: 0,
      now: () => clock.now,
      jwtResponses: { issuer: server.url, ...jwtResponses },
      ...options,
    } as IntrospectionVerifierOptions);
  async function failure(verify: ReturnType<typeof verifier> = verifier()): Promise<Error> {
    const found = await verify('a token').catch((error: unknown) => error);
    assert.ok(found instanceof VerifierUnavailableError || found instanceof KeysUnavailableError, String(found));
    assert.equal(found.status, 503);
    assert.doesNotMatch(`${found.message}${found.cause}`, /a token|secret|alice/);
    return found;
  }

  it('§4 asks for a JWT alone, and reads the answer within it', async () => {
    const found = await verifier()('a token');
    assert.deepEqual([found?.subject, found?.scope, found?.claims], ['alice', ['read'], MEMBERS]);
    const asked = server.requests.filter(({ path }) => path === '/introspect');
    assert.deepEqual(
      asked.map(({ headers }) => headers.accept),
      [MEDIA_TYPE],
    );
  });

  it('§5 active: false, signed, is no token', async () => {
    answer = await signed({ token_introspection: { active: false } });
    assert.equal(await verifier()('a token'), undefined);
  });

  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const)
    it(`§6 takes ${alg}, unless algorithms leave it out`, async () => {
      const other = await generateSigningKey(alg);
      keys.published = [publicPart(other)];
      answer = await signed({}, {}, other);
      assert.equal((await verifier()('a token'))?.subject, 'alice');
      assert.equal((await verifier({ algorithms: [alg] })('a token'))?.subject, 'alice');
      await failure(verifier({ algorithms: ['ES512'] }));
    });

  it('the keys are those of the issuer’s metadata, or of jwksURI', async () => {
    await verifier()('a token');
    assert.deepEqual(server.requests.map(({ path }) => path).sort(), [METADATA, '/introspect', '/jwks'].sort());
    server.requests.length = 0;
    await verifier({ jwksURI: `${server.url}/jwks` })('a token');
    assert.deepEqual(server.requests.map(({ path }) => path).sort(), ['/introspect', '/jwks']);
  });

  it('an audience that is not the clientID is said; without either the verifier is not made', async () => {
    const audience = 'https://api.example';
    answer = await signed({ aud: audience });
    assert.equal((await verifier({ audience })('a token'))?.subject, 'alice');
    await failure();
    const noID = { clientID: undefined, clientSecret: undefined, authenticate: () => {} };
    assert.equal((await verifier({ audience }, noID)('a token'))?.subject, 'alice');
    assert.throws(() => verifier({}, noID), /jwtResponses: \{ audience \} \}\) is needed/);
    assert.throws(() => verifier({ audience: '' }), TypeError);
  });

  describe('nothing but such a JWT is an answer: 503, and nobody is let in', () => {
    const cases: readonly [what: string, make: () => Promise<string> | string, message?: RegExp][] = [
      ['§8.2 JSON, as if no JWT had been asked for', () => JSON.stringify(MEMBERS)],
      ['JSON that is not active, which would lock users out', () => JSON.stringify({ active: false })],
      ['JSON around the claims of a JWT', () => JSON.stringify(claims())],
      ['a JWT without a signature', () => new UnsecuredJWT(claims()).encode()],
      ['a signature by HMAC with the published key', () => hmac()],
      ['a signature by another key of that name', async () => forged()],
      ['claims that were changed after they were signed', async () => changed(await signed())],
      ['typ of an access token', () => signed({}, { typ: 'at+jwt' }), /"typ"/],
      ['typ JWT', () => signed({}, { typ: 'JWT' }), /"typ"/],
      ['no typ', () => signed({}, { typ: undefined }), /"typ"/],
      ['another issuer', () => signed({ iss: 'https://other.example' }), /"iss"/],
      ['no issuer', () => signed({ iss: undefined }), /"iss"/],
      ['for another API', () => signed({ aud: 'another' }), /"aud"/],
      ['for nobody', () => signed({ aud: undefined }), /"aud"/],
      ['made before the request: a replayed response', () => signed({ iat: NOW - 31 }), /made at \d+, and asked for/],
      ['made in the future', () => signed({ iat: NOW + 31 }), /made at \d+, and asked for/],
      ['no iat', () => signed({ iat: undefined }), /made at undefined/],
      ['expired', () => signed({ exp: NOW - 60 }), /"exp"/],
      ['no token_introspection', () => signed({ token_introspection: undefined, ...MEMBERS }), /token_introspection/],
      ['a token_introspection that is text', () => signed({ token_introspection: 'active' }), /token_introspection/],
      [
        'a token_introspection that is an array',
        () => signed({ token_introspection: [MEMBERS] }),
        /token_introspection/,
      ],
      ['without active', () => signed({ token_introspection: { ...MEMBERS, active: undefined } }), /"active"/],
      ['active: "true"', () => signed({ token_introspection: { ...MEMBERS, active: 'true' } }), /"active"/],
      ['encrypted', () => encrypted()],
      ['nothing', () => ''],
    ];
    const hmac = () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: key.kid ?? '' })
        .sign(Buffer.from(JSON.stringify(publicPart(key))));
    const forged = async () => signed({}, {}, { ...(await generateSigningKey('ES256')), kid: key.kid ?? '' });
    const changed = (jwt: string) => {
      const [header, , signature] = jwt.split('.');
      const payload = claims({ token_introspection: { ...MEMBERS, scope: 'read admin' } });
      return [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
    };
    const encrypted = async () =>
      new CompactEncrypt(Buffer.from(await signed()))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
        .encrypt(Buffer.alloc(32));

    for (const [what, make, message = /asked for a JWT/] of cases)
      it(what, async () => {
        answer = await make();
        assert.match((await failure()).message, message);
        const { ask, seen } = api({ verify: verifier() });
        await ask('Bearer a-token').expect(503);
        assert.deepEqual(seen, []);
      });
  });

  it('clocks may differ by 30 s, and the answer may take its time', async () => {
    for (const iat of [NOW - 30, NOW + 30]) {
      answer = await signed({ iat });
      assert.equal((await verifier()('a token'))?.subject, 'alice', String(iat));
    }
    const late = server.answer;
    answer = await signed({ iat: NOW + 34 });
    server.answer = (request, response) => {
      clock.now = NOW + 4;
      late(request, response);
    };
    assert.equal((await verifier()('a token'))?.subject, 'alice', 'made 34 s after it was asked for, 30 s from now');
  });

  it('without keys it is the keys that are missing, and nobody is told of the token', async () => {
    const { answer: usual } = server;
    server.answer = (request, response) =>
      request.path === '/jwks' ? json({}, 500)(request, response) : usual(request, response);
    assert.ok((await failure()) instanceof KeysUnavailableError, 'KeysUnavailableError');
  });

  it('options that cannot be throw at start', () => {
    for (const options of [
      { issuer: 'http://as.example' },
      { issuer: 'http://as.example', jwksURI: 'https://as.example/jwks' },
      { issuer: 'https://as.example?x' },
      { jwksURI: 'http://as.example/jwks' },
      { algorithms: [] },
      { algorithms: ['none'] },
      { algorithms: ['HS256'] },
      { jwksUri: 'https://as.example/jwks' },
    ])
      assert.throws(() => verifier(options), TypeError, JSON.stringify(options));
  });

  describe('our own authorization server', () => {
    const clients = [
      { client_id: 'job', client_secret: 's', grant_types: ['client_credentials'], scope: 'read' },
      { client_id: 'api', client_secret: 's', grant_types: [], introspection_signed_response_alg: 'ES256' },
    ];
    type App = (typeof clients)[number];

    /** A server, an API that asks it for JWTs, and a token. */
    async function live(jwtResponses: boolean) {
      const tokens = tokenService<App>({ store: memoryStore() });
      const app = new Koa();
      app.silent = true;
      const http = createHTTPServer((request, response) => void app.callback()(request, response)).listen(
        0,
        '127.0.0.1',
      );
      await once(http, 'listening');
      const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
      const as = createServer<App>({
        issuer,
        keys: await keySet({ signing: await generateSigningKey('ES256') }),
        tokens,
      });
      as.exchange(exchange.clientCredentials(tokens.clientCredentials));
      const find = (id: string) => clients.find(({ client_id }) => client_id === id);
      const authenticate = clientAuthentication<App>({ find, methods: [clientSecretBasic()] });
      const router = new Router();
      const options = { resourceServer: ({ client_id }: App) => client_id === 'api', jwtResponses };
      router.post('/token', authenticate, as.token());
      router.post('/introspect', authenticate, as.endpoint(introspection(tokens.introspect, options)));
      router.get('/jwks', as.endpoint(jwks()));
      router.get(METADATA, as.endpoint(metadata()));
      app.use(as.errorHandler()).use(router.routes());

      const credentials = { clientID: 'api', clientSecret: 's', cache: 0 };
      const verify = introspectionVerifier({
        endpoint: `${issuer}/introspect`,
        ...credentials,
        jwtResponses: { issuer },
      });
      const { ask } = api({ verify, now: () => Date.now() / 1000 });
      const { body } = await request(issuer)
        .post('/token')
        .auth('job', 's')
        .type('form')
        .send({ grant_type: 'client_credentials' })
        .expect(200);
      const revoke = () => tokens.revoke(body.access_token, clients[0] as App);
      return { ask: () => ask(`Bearer ${body.access_token}`), revoke, close: () => http.close() };
    }

    it('lets a token in until it is revoked', async () => {
      const { ask, revoke, close } = await live(true);
      await ask().expect(200);
      await revoke();
      assertRefused(await ask(), { status: 401, error: 'invalid_token' });
      close();
    });

    it('§8.2 is not believed where it does not sign', async () => {
      const { ask, close } = await live(false);
      await ask().expect(503);
      close();
    });
  });
});
