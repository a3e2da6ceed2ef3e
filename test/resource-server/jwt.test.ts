/** RFC 9068 §4: JWT access tokens on the API's side, by the issuer's published keys. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import {
  type AccessToken,
  type JWTVerifierOptions,
  jwtVerifier,
  KeysUnavailableError,
  VerifierUnavailableError,
} from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet } from 'koauthorize/tokens';
import { ISSUER } from '../support/authorization-server.js';
import { tokenServer, WORKER } from '../support/token-server.js';
import { api, assertRefused, NOW } from './api.js';
import { json, type Remote, remote } from './remote.js';

const AUDIENCE = 'https://api.example';
const METADATA = '/.well-known/oauth-authorization-server';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const publicPart = ({ d: _, p, q, dp, dq, qi, ...open }: JWK): JWK => open;

describe('jwtVerifier', () => {
  let server: Remote;
  let key: JWK;
  before(async () => {
    key = await generateSigningKey('ES256');
  });
  const clock = { now: NOW };
  /** What is at which path; anything else is 404. */
  const pages = new Map<string, unknown>();
  const paths = () => server.requests.map(({ path }) => path);
  const serve: Remote['answer'] = (request, response) =>
    json(pages.get(request.path) ?? { error: 'not found' }, pages.has(request.path) ? 200 : 404)(request, response);
  beforeEach(async () => {
    server = await remote(serve);
    clock.now = NOW;
    pages.clear();
    pages.set(METADATA, { issuer: server.url, jwks_uri: `${server.url}/jwks` });
    pages.set('/jwks', { keys: [publicPart(key)] });
  });
  afterEach(() => server.close());

  const verifier = (options: Partial<JWTVerifierOptions> = {}) =>
    jwtVerifier({ issuer: server.url, audience: AUDIENCE, now: () => clock.now, ...options });
  const claims = (more: object = {}): JWTPayload => ({
    iss: server.url,
    aud: AUDIENCE,
    sub: 'alice',
    client_id: 'client',
    scope: 'read write',
    iat: NOW,
    exp: NOW + 60,
    jti: 'a jti',
    ...more,
  });
  async function sign(payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}, by = key): Promise<string> {
    const { alg = '', kid = '' } = by;
    return new SignJWT(payload)
      .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
      .sign(await importJWK(by, header.alg ?? alg));
  }

  it('gives the access token, with all of its claims', async () => {
    const more = { acr: 'mfa', auth_time: NOW - 5, cnf: { jkt: 'x' }, own: ['value'] };
    const { scope, claims: verbatim, ...others } = (await verifier()(await sign(claims(more)))) ?? assert.fail();
    assert.deepEqual(scope, ['read', 'write']);
    assert.deepEqual(verbatim, claims(more));
    assert.deepEqual(others, {
      clientID: 'client',
      subject: 'alice',
      issuer: server.url,
      audience: [AUDIENCE],
      issuedAt: NOW,
      expiresAt: NOW + 60,
      authenticatedAt: NOW - 5,
      acr: 'mfa',
      confirmation: { jkt: 'x' },
    });
  });

  it('RFC 9068 §2.2: without a user, whose subject is the client, there is no subject', async () => {
    const found = await verifier()(await sign(claims({ sub: 'client', scope: undefined })));
    assert.deepEqual([found?.subject, found?.clientID, found?.scope], [undefined, 'client', []]);
  });

  for (const alg of ['EdDSA', 'ES256', 'RS256', 'PS256'] as const) {
    it(`takes ${alg}`, async () => {
      const other = await generateSigningKey(alg);
      pages.set('/jwks', { keys: [publicPart(key), publicPart(other)] });
      assert.equal((await verifier()(await sign(claims(), {}, other)))?.subject, 'alice');
      assert.equal(await verifier({ algorithms: ['ES384'] })(await sign(claims(), {}, other)), undefined);
      assert.ok(await verifier({ algorithms: [alg] })(await sign(claims(), {}, other)), 'named, it is taken');
    });
  }

  describe('is good', () => {
    const good: readonly [what: string, more: object, header?: object, options?: object][] = [
      ['typ of the long form', {}, { typ: 'application/at+jwt' }],
      ['typ in capitals', {}, { typ: 'AT+JWT' }],
      ['one of several audiences', { aud: ['https://other.example', AUDIENCE] }],
      ['an audience of which this API has several names', {}, {}, { audience: ['api', AUDIENCE] }],
      ['issued and begun by a clock that is ahead by 30 s', { iat: NOW + 30, nbf: NOW + 30 }],
    ];
    for (const [what, more, header, options] of good) {
      it(what, async () => {
        assert.ok(await verifier(options)(await sign(claims(more), header)), 'a token');
      });
    }
  });

  describe('RFC 9068 §4, RFC 8725: is none', () => {
    const without = (name: string) => ({ [name]: undefined });
    const bad: readonly [what: string, more: object, header?: object][] = [
      ['typ JWT: an ID token', {}, { typ: 'JWT' }],
      ['no typ', {}, { typ: undefined }],
      ['another issuer', { iss: 'https://other.example' }],
      ['the issuer with a slash', { iss: 'slash' }],
      ['another audience', { aud: 'https://other.example' }],
      ['other audiences', { aud: [`${AUDIENCE}/`, 'api'] }],
      ['expired, beyond what clocks may differ', { exp: NOW - 30 }],
      ['not yet, by more than clocks may differ', { nbf: NOW + 31 }],
      ['exp as a string', { exp: String(NOW + 60) }],
      ['sub as a number', { sub: 1 }],
      ['client_id as an object', { client_id: {} }],
      ['scope as an array', { scope: ['read'] }],
      ['cnf as a string', { cnf: 'x' }],
      ['cnf null, which is not known to mean no binding', { cnf: null }],
      ['cnf as a list', { cnf: [] }],
      ['cnf as a number', { cnf: 0 }],
      ['an empty sub, which names no user', { sub: '' }],
      ['an empty client_id', { client_id: '' }],
      ['an empty audience besides', { aud: [AUDIENCE, ''] }],
      ...['sub', 'client_id', 'jti', 'iat'].map((name): [string, object] => [`${name} null`, { [name]: null }]),
      ...['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'].map((name): [string, object] => [
        `no ${name}`,
        without(name),
      ]),
      ['a critical extension', {}, { crit: ['exp2'], exp2: 1 }],
      ['another kid', {}, { kid: 'other' }],
      ['a kid from the prototype', {}, { kid: '__proto__' }],
    ];
    for (const [what, more, header] of bad) {
      it(what, async () => {
        const signer = new SignJWT({ ...claims(more), ...(what.includes('slash') && { iss: `${server.url}/` }) });
        const all = { alg: key.alg ?? '', kid: key.kid ?? '', typ: 'at+jwt', ...header } as JWTHeaderParameters;
        const options = 'crit' in all ? { crit: { exp2: false } } : {};
        const token = await signer.setProtectedHeader(all).sign(await importJWK(key), options);
        assert.equal(await verifier()(token), undefined);
      });
    }

    const publicKey = () =>
      createPublicKey({ key: key as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hs256 = (secret: string | Buffer): string => {
      const input = `${part({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${part(claims())}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const forgeries: readonly [what: string, forge: (token: string) => Promise<string> | string][] = [
      ['alg none', () => new UnsecuredJWT(claims()).encode()],
      ['alg none with typ', () => `${part({ alg: 'none', typ: 'at+jwt', kid: key.kid })}.${part(claims())}.`],
      ['HS256 by the public key as PEM', () => hs256(publicKey())],
      ['HS256 by the public key as JSON', () => hs256(JSON.stringify(publicPart(key)))],
      ['HS256 by nothing', () => hs256('')],
      [
        'a key of their own, under our kid',
        async () => sign(claims(), { kid: key.kid ?? '' }, await generateSigningKey('ES256')),
      ],
      [
        'a key of their own that the header brings, or says where it is',
        async () => {
          const own = await generateSigningKey('ES256');
          return sign(claims(), { jwk: publicPart(own), jku: `${server.url}/theirs`, kid: key.kid ?? '' }, own);
        },
      ],
      ['a changed claim', (token) => token.replace(/\.[^.]+\./, `.${part(claims({ sub: 'bob' }))}.`)],
      ['no signature', (token) => token.replace(/[^.]+$/, '')],
      ['a part too many', (token) => `${token}.x`],
      ['nothing', () => ''],
      ['dots', () => '..'],
      ['four dots: encrypted', () => 'a.b.c.d.e'],
      ['no JSON', () => 'abc.def.ghi'],
      ['an array for a header', () => `${part([])}.${part(claims())}.x`],
      ['null for claims', () => sign(null as never).catch(() => 'a.b.c')],
      ['b64: false', () => `${part({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, b64: false, crit: ['b64'] })}.{}.x`],
    ];
    for (const [what, forge] of forgeries) {
      it(what, async () => {
        const token = await forge(await sign(claims()));
        assert.equal(await verifier()(token), undefined);
        assert.ok(!paths().includes('/theirs'), 'nobody asked there');
      });
    }
  });

  describe('a server without RFC 9068: each difference is accepted only if an option allows it', () => {
    const azp = { azp: 'client', client_id: undefined };
    const differences: readonly [what: string, options: Partial<JWTVerifierOptions>, more: object, header?: object][] =
      [
        ['typ JWT', { allowTypes: ['JWT'] }, {}, { typ: 'jwt' }],
        ['a typ of its own', { allowTypes: ['application/access+jwt'] }, {}, { typ: 'Access+JWT' }],
        ['no typ', { allowMissing: ['typ'] }, {}, { typ: undefined }],
        ['no jti', { allowMissing: ['jti'] }, { jti: undefined }],
        ['azp in place of client_id', { allowAZP: true }, azp],
        ['scope as an array', { allowScopeArray: true }, { scope: ['read', 'write'] }],
      ];
    const all = Object.assign({}, ...differences.map(([, options]) => options), { allowMissing: ['typ', 'jti'] });
    for (const [what, options, more, header] of differences) {
      it(what, async () => {
        const token = await sign(claims(more), header);
        const { [Object.keys(options)[0] ?? '']: _, ...others } = all;
        assert.equal(await verifier()(token), undefined, 'without the option');
        assert.equal(await verifier(others)(token), undefined, 'with all options but this one');
        const found = await verifier(options)(token);
        assert.deepEqual([found?.clientID, found?.scope, found?.subject], ['client', ['read', 'write'], 'alice']);
      });
    }

    it('what the options do not name is refused as ever', async () => {
      const verify = verifier({ ...all, allowTypes: ['JWT'] });
      const refused: readonly [more: object, header?: object][] = [
        [{}, { typ: 'logout+jwt' }],
        [{ azp: undefined, client_id: undefined }],
        [{ azp: '', client_id: undefined }],
        [{ azp: ['client'], client_id: undefined }],
        [{ scope: ['read', 1] }],
        [{ scope: ['read write'] }],
        [{ scope: [''] }],
        [{ scope: [['read']] }],
        [{ scope: { read: true } }],
        [{ sub: undefined }],
        [{ iat: undefined }],
        [{ exp: undefined }],
        [{ aud: 'another' }],
      ];
      for (const [more, header] of refused)
        assert.equal(await verify(await sign(claims(more), header)), undefined, JSON.stringify([more, header]));
    });

    it('client_id is the client where both are there, and azp is nothing without the option', async () => {
      const token = await sign(claims({ azp: 'another' }));
      for (const options of [{}, { allowAZP: true }])
        assert.equal((await verifier(options)(token))?.clientID, 'client');
      assert.ok(await verifier()(await sign(claims({ azp: ['odd'] }))), 'a claim that is not looked at');
    });

    it('RFC 9068 §2.2: a subject that equals azp is the client, and no user', async () => {
      const token = await sign(claims({ ...azp, sub: 'client' }));
      const found = await verifier({ allowAZP: true })(token);
      assert.deepEqual([found?.clientID, found?.subject], ['client', undefined]);
    });

    it('an empty scope array is no scope', async () => {
      const found = await verifier({ allowScopeArray: true })(await sign(claims({ scope: [] })));
      assert.deepEqual(found?.scope, []);
    });
  });

  it('RFC 9068 §4: bearer takes nothing that is past its expiry, however clocks may differ', async () => {
    const { ask } = api({ verify: verifier(), now: () => clock.now });
    const header = `Bearer ${await sign(claims())}`;
    clock.now = NOW + 59;
    await ask(header).expect(200);
    clock.now = NOW + 60;
    assertRefused(await ask(header), { status: 401, error: 'invalid_token' });
  });

  describe('the issuer’s keys', () => {
    it('are found by its metadata, and kept', async () => {
      const verify = verifier();
      for (let round = 0; round < 3; round++) assert.ok(await verify(await sign(claims())), 'a token');
      assert.deepEqual(paths(), [METADATA, '/jwks']);
    });

    it('requests that come together ask once', async () => {
      const verify = verifier();
      const token = await sign(claims());
      await Promise.all([1, 2, 3].map(() => verify(token)));
      assert.deepEqual(paths(), [METADATA, '/jwks']);
    });

    it('RFC 8414 §3.1: of an issuer with a path', async () => {
      for (const path of ['/tenant/a', '/tenant/b/']) {
        const issuer = `${server.url}${path}`;
        pages.set(`${METADATA}${path.replace(/\/$/, '')}`, { issuer, jwks_uri: `${server.url}/jwks` });
        assert.ok(await verifier({ issuer })(await sign(claims({ iss: issuer }))), path);
      }
    });

    it('RFC 8414 §5: or where OpenID Connect has them', async () => {
      const issuer = `${server.url}/tenant`;
      pages.set('/tenant/.well-known/openid-configuration', { issuer, jwks_uri: `${server.url}/jwks` });
      assert.ok(await verifier({ issuer })(await sign(claims({ iss: issuer }))), 'a token');
      assert.deepEqual(paths(), [`${METADATA}/tenant`, '/tenant/.well-known/openid-configuration', '/jwks']);
    });

    it('or where the application says, and no metadata is asked for', async () => {
      pages.set('/keys', pages.get('/jwks'));
      assert.ok(await verifier({ jwksURI: `${server.url}/keys` })(await sign(claims())), 'a token');
      assert.deepEqual(paths(), ['/keys']);
    });

    it('a new key is found without a restart', async () => {
      const verify = verifier();
      await verify(await sign(claims()));
      const next = await generateSigningKey('ES256');
      pages.set('/jwks', { keys: [publicPart(key), publicPart(next)] });
      clock.now += 31;
      assert.ok(await verify(await sign(claims(), {}, next)), 'a token');
    });

    it('and so is a new place for them, within the hour', async () => {
      const verify = verifier();
      await verify(await sign(claims()));
      pages.set('/elsewhere', pages.get('/jwks'));
      pages.delete('/jwks');
      pages.set(METADATA, { issuer: server.url, jwks_uri: `${server.url}/elsewhere` });
      clock.now += 3600;
      assert.ok(await verify(await sign(claims({ iat: clock.now, exp: clock.now + 60 }))), 'a token');
    });

    it('metadata that cannot be had again stays as it was', async () => {
      const verify = verifier();
      await verify(await sign(claims()));
      pages.delete(METADATA);
      clock.now += 3600;
      const token = await sign(claims({ exp: clock.now + 60 }));
      assert.ok(await verify(token), 'a token');
      server.requests.length = 0;
      assert.ok(await verify(token), 'a token');
      assert.deepEqual(paths(), [], 'and is not asked for at every request');
    });
  });

  describe('keys that cannot be had are the operator’s: 503, and not a refusal', () => {
    const failing = async (
      verify: ReturnType<typeof verifier>,
      kind: new (...args: never[]) => Error,
      message: RegExp,
    ) => {
      const error = await verify(await sign(claims())).then(
        () => assert.fail('no error'),
        (error: unknown) => error,
      );
      assert.ok(error instanceof kind, String(error));
      assert.equal((error as VerifierUnavailableError).status, 503);
      assert.match(error.message, message);
    };
    const documents: readonly [what: string, document: (url: string) => unknown, message: RegExp][] = [
      [
        '§3.3: of another issuer',
        (url) => ({ issuer: 'https://evil.example', jwks_uri: `${url}/jwks` }),
        /another issuer \(came: "https:\/\/evil.example", wanted: "http:\/\/127/,
      ],
      ['§3.3: of the issuer with a slash', (url) => ({ issuer: `${url}/`, jwks_uri: `${url}/jwks` }), /another issuer/],
      ['without an issuer', (url) => ({ jwks_uri: `${url}/jwks` }), /another issuer/],
      ['without jwks_uri', (url) => ({ issuer: url }), /no jwks_uri/],
      ['with a jwks_uri over http', (url) => ({ issuer: url, jwks_uri: 'http://as.example/jwks' }), /no jwks_uri/],
      ['with a jwks_uri of a file', (url) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' }), /no jwks_uri/],
      ['with a jwks_uri that is a number', (url) => ({ issuer: url, jwks_uri: 1 }), /no jwks_uri/],
      ['no object', () => [], /no metadata/],
    ];
    for (const [what, document, message] of documents) {
      it(`metadata ${what}`, async () => {
        pages.set(METADATA, document(server.url));
        await failing(verifier(), VerifierUnavailableError, message);
        assert.ok(!paths().includes('/jwks'), 'nobody asked there');
      });
    }

    it('no metadata, a redirect, or a page', async () => {
      pages.clear();
      await failing(verifier(), VerifierUnavailableError, /no metadata at the URLs of RFC 8414/);
      server.answer = (_, response) => response.writeHead(302, { Location: `${server.url}/other` }).end();
      await failing(verifier(), VerifierUnavailableError, /no metadata/);
      server.answer = (_, response) => response.end('<html>');
      await failing(verifier(), VerifierUnavailableError, /no metadata/);
      assert.ok(!paths().includes('/other'), 'nobody asked there');
    });

    it('too much, or too late', async () => {
      server.answer = (_, response) => response.end(JSON.stringify({ issuer: 'x'.repeat(70_000) }));
      await failing(verifier(), VerifierUnavailableError, /cannot be asked/);
      server.answer = () => {};
      await failing(verifier({ timeout: 0.02 }), VerifierUnavailableError, /cannot be asked/);
    });

    it('a failure is remembered for 5 s, so that nobody can have us ask all the time', async () => {
      pages.delete(METADATA);
      const verify = verifier();
      for (let round = 0; round < 3; round++) await failing(verify, VerifierUnavailableError, /no metadata/);
      assert.equal(server.requests.length, 2);
      pages.set(METADATA, { issuer: server.url, jwks_uri: `${server.url}/jwks` });
      clock.now += 5;
      assert.ok(await verify(await sign(claims())), 'a token');
    });

    it('no key set, or a broken one', async () => {
      pages.set('/jwks', { keys: 'none' });
      await failing(verifier(), KeysUnavailableError, /cannot be fetched/);
      pages.delete('/jwks');
      await failing(verifier(), KeysUnavailableError, /cannot be fetched/);
    });

    it('behind bearer, that is 503 with nothing told', async () => {
      pages.clear();
      const { ask, seen, errors } = api({ verify: verifier() });
      const response = await ask(`Bearer ${await sign(claims())}`).expect(503);
      assert.doesNotMatch(response.text, /metadata|127/);
      assert.deepEqual([seen.length, errors.length], [0, 1]);
    });
  });

  it('by a fetch that is handed in', async () => {
    const asked: string[] = [];
    const fetch = async (url: string) => {
      asked.push(url);
      return Response.json(url.endsWith('/jwks') ? pages.get('/jwks') : pages.get(METADATA));
    };
    assert.ok(await verifier({ fetch })(await sign(claims())), 'a token');
    assert.deepEqual([asked.length, server.requests.length], [2, 0]);
  });

  describe('options that cannot be', () => {
    const wrong: readonly Partial<JWTVerifierOptions>[] = [
      { issuer: 'http://as.example' },
      { issuer: 'as.example' },
      { issuer: 'https://as.example#x' },
      { issuer: 'https://as.example?x=y' },
      { jwksURI: 'http://as.example/jwks' },
      { audience: '' },
      { audience: [] },
      { algorithms: [] },
      { algorithms: ['HS256'] },
      { algorithms: ['ES256', 'none'] },
      { timeout: 0 },
      { allowTypes: 'JWT' as never },
      { allowTypes: [''] },
      { allowMissing: ['aud' as never] },
      { allowMissing: 'typ' as never },
    ];
    for (const options of wrong) {
      it(JSON.stringify(options), () => {
        assert.throws(() => verifier(options), TypeError);
      });
    }
  });

  it('our own authorization server, with its metadata and keys', async () => {
    const keys = await keySet({ signing: await generateSigningKey('EdDSA') });
    const accessTokens = jwt({ issuer: ISSUER, audience: AUDIENCE, keys });
    const { app, connect, request, clock: theirs } = tokenServer({ keys, tokens: { accessTokens } });
    const listening = app.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    try {
      const here = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
      const asked: string[] = [];
      const verify = jwtVerifier({
        issuer: ISSUER,
        audience: AUDIENCE,
        now: () => theirs.now,
        fetch: (url, init) => {
          asked.push(url);
          return fetch(url.replace(ISSUER, here), init);
        },
      });
      const { ask, seen } = api({ verify, now: () => theirs.now });
      await ask(`Bearer ${(await connect()).access_token}`).expect(200);
      const direct = await request({ grant_type: 'client_credentials' }, WORKER).expect(200);
      await ask(`Bearer ${direct.body.access_token}`).expect(200);
      const found = (seen as { token: AccessToken }[]).map(({ token }) => [token.clientID, token.subject, token.scope]);
      assert.deepEqual(found, [
        ['client', 'alice', ['read', 'write']],
        ['worker', undefined, ['jobs', 'mail']],
      ]);
      assert.deepEqual(asked, [`${ISSUER}${METADATA}`, `${ISSUER}/jwks`]);
      theirs.now += 3600;
      assertRefused(await ask(`Bearer ${direct.body.access_token}`), { status: 401, error: 'invalid_token' });
    } finally {
      listening.close();
    }
  });
});
