/** JSON of others that is nested so deep that walking it exhausts the stack. */
import assert from 'node:assert/strict';
import { importJWK, type JWK, SignJWT } from 'jose';
import { errorHandler } from 'koauthorize';
import { introspectionVerifier, jwtVerifier } from 'koauthorize/resource-server';
import { generateSigningKey } from 'koauthorize/tokens';
import { api, assertRefused, NOW } from './api.js';
import { type Remote, remote } from './remote.js';

/** 40 KB. */
const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

const AUDIENCE = 'https://api.example';

describe('JSON that is nested too deep', () => {
  let server: Remote;
  let key: JWK;
  /** JSON as text, by path: no encoder could write it. */
  const pages = new Map<string, string>();
  before(async () => {
    key = await generateSigningKey('ES256');
  });
  beforeEach(async () => {
    pages.clear();
    server = await remote(({ path }, response) => {
      const text = pages.get(path);
      response.writeHead(text === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(text ?? '{}');
    });
    const { d: _, ...open } = key;
    pages.set(
      '/.well-known/oauth-authorization-server',
      JSON.stringify({ issuer: server.url, jwks_uri: `${server.url}/jwks` }),
    );
    pages.set('/jwks', JSON.stringify({ keys: [open] }));
  });
  afterEach(() => server.close());

  const introspecting = () =>
    introspectionVerifier({ endpoint: `${server.url}/introspect`, clientID: 'api', clientSecret: 'secret', cache: 0 });
  const looking = () => jwtVerifier({ issuer: server.url, audience: AUDIENCE, now: () => NOW });
  const sign = async (more: object): Promise<string> =>
    new SignJWT({
      iss: server.url,
      aud: AUDIENCE,
      sub: 'alice',
      client_id: 'client',
      iat: NOW,
      exp: NOW + 60,
      jti: 'j',
      ...more,
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid ?? '', typ: 'at+jwt' })
      .sign(await importJWK(key));

  for (const member of ['own', 'aud', 'cnf', 'authorization_details', 'scope', 'sub', 'active']) {
    it(`an introspection answer makes the verifier unavailable, 503: in ${member}`, async () => {
      const rest = member === 'active' ? '' : '"active":true,';
      pages.set('/introspect', `{${rest}"token_type":"Bearer","${member}":${DEEP}}`);
      const { ask, errors } = api({ verify: introspecting(), before: [errorHandler()] });
      assert.equal((await ask('Bearer a-token')).status, 503);
      assert.deepEqual(
        errors.map(({ name }) => name),
        ['VerifierUnavailableError'],
      );
    });
  }

  it('a key set is as one that cannot be had: 503', async () => {
    pages.set('/jwks', `{"keys":[{"kty":"EC","own":${DEEP}}]}`);
    const { ask, errors } = api({ verify: looking(), before: [errorHandler()] });
    assert.equal((await ask(`Bearer ${await sign({})}`)).status, 503);
    assert.deepEqual(
      errors.map(({ name }) => name),
      ['KeysUnavailableError'],
    );
    assert.match(String(errors[0]?.cause), /levels/);
  });

  it('metadata are as metadata that are not there: 503', async () => {
    pages.set(
      '/.well-known/oauth-authorization-server',
      `{"issuer":"${server.url}","jwks_uri":"${server.url}/jwks","own":${DEEP}}`,
    );
    const { ask, errors } = api({ verify: looking(), before: [errorHandler()] });
    assert.equal((await ask(`Bearer ${await sign({})}`)).status, 503);
    assert.deepEqual(
      errors.map(({ name }) => name),
      ['VerifierUnavailableError'],
    );
  });

  it('a JWT does not count, though it is signed', async () => {
    assertRefused(await api({ verify: looking() }).ask(`Bearer ${await sign({ own: nested(1000) })}`), {
      status: 401,
      error: 'invalid_token',
    });
  });

  it('32 levels are enough for anybody, and are told whole', async () => {
    const own = nested(31);
    assert.deepEqual((await looking()(await sign({ own })))?.claims?.['own'], own);
    assert.equal(await looking()(await sign({ own: nested(32) })), undefined);
    pages.set('/introspect', JSON.stringify({ active: true, token_type: 'Bearer', own }));
    assert.deepEqual((await introspecting()('a-token'))?.claims?.['own'], own);
  });
});
