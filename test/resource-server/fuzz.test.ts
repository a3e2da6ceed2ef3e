/** Whatever stands in a request: 400 or 401 with a challenge, never 5xx, never a hang, and nobody gets in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { introspectionVerifier, jwtVerifier, type Verify } from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet } from 'koauthorize/tokens';
import { ISSUER } from '../support/authorization-server.js';
import { tokenServer } from '../support/token-server.js';
import { api } from './api.js';

const RUNS = 2500;
const AUDIENCE = 'https://api.example';

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toString('base64url');

/** What a header may have on its way through Node: no line breaks. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 32, max: 255 })
    .filter((code) => code !== 127)
    .map((code) => String.fromCharCode(code)),
  maxLength: 200,
});

const alg = fc.oneof(fc.constantFrom('none', 'HS256', 'EdDSA', 'ES256', 'RS256', 'PS256', ''), fc.jsonValue());
/** Headers and claims close to good ones: a few members are something else. */
const header = (kid: string) =>
  fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        alg,
        typ: fc.oneof(fc.constantFrom('at+jwt', 'application/at+jwt', 'JWT'), fc.jsonValue()),
        kid: fc.oneof(fc.constantFrom(kid, '__proto__'), fc.jsonValue()),
        crit: fc.jsonValue(),
        b64: fc.boolean(),
        jwk: fc.jsonValue(),
        zip: fc.constant('DEF'),
      },
      { requiredKeys: [] },
    ),
  );
const claim = fc.oneof(fc.constantFrom(ISSUER, AUDIENCE, 'client', 0, 1e12, 1e308, null), fc.jsonValue());
const claims = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { iss: claim, aud: claim, sub: claim, client_id: claim, exp: claim, iat: claim, jti: claim, cnf: claim },
    { requiredKeys: [] },
  ),
);

/** What is presented as a token. `good` is one of which parts are used, and never the whole. */
function presented(good: string, kid: string) {
  const [head = '', body = '', signature = ''] = good.split('.');
  return fc.oneof(
    fc.base64String(),
    fc.tuple(header(kid), claims, fc.base64String()).map(([h, c, s]) => `${base64url(h)}.${base64url(c)}.${s}`),
    fc.tuple(header(kid), claims).map(([h, c]) => `${base64url(h)}.${base64url(c)}.${signature}`),
    claims.map((c) => `${head}.${base64url(c)}.${signature}`).filter((token) => token !== good),
    fc.array(fc.base64String(), { maxLength: 6 }).map((parts) => parts.join('.')),
    fc.constantFrom(
      `${head}.${body}.`,
      `${head}.${body}`,
      `.${body}.${signature}`,
      `${good}.`,
      `${good}a.`,
      `=${good}`,
    ),
  );
}

const credentials = (token: fc.Arbitrary<string>) =>
  fc.oneof(
    headerText,
    headerText.map((text) => `Bearer ${text}`),
    headerText.map((text) => `bearer${text}`),
    token.map((text) => `Bearer ${text}`),
    fc.tuple(token, headerText).map(([text, more]) => `Bearer ${text} ${more}`),
    fc.array(token, { maxLength: 3 }).map((all) => all.map((text) => `Bearer ${text}`).join(', ')),
  );

const parameter = (token: fc.Arbitrary<string>) =>
  fc.array(
    fc.oneof(
      fc.tuple(fc.constantFrom('access_token', 'access_token[]', 'access_token[x]', 'Access_Token'), token),
      fc.tuple(fc.string(), fc.string({ unit: 'binary' })),
    ),
    { maxLength: 4 },
  );
const encode = (pairs: readonly (readonly [string, string])[]): string =>
  new URLSearchParams(pairs as never).toString();

describe('resource-server: hostile input', function () {
  this.timeout(120_000);
  const servers: Server[] = [];
  const seen: unknown[] = [];
  let verifiers: Readonly<Record<string, { readonly url: string; readonly token: fc.Arbitrary<string> }>> = {};

  before(async () => {
    const signing = await generateSigningKey('ES256');
    const keys = await keySet({ signing });
    const accessTokens = jwt({ issuer: ISSUER, audience: AUDIENCE, keys });
    const [opaque, signed] = [tokenServer(), tokenServer({ tokens: { accessTokens } })];
    const [secret, good] = [(await opaque.connect()).access_token, (await signed.connect()).access_token];
    const now = () => signed.clock.now;
    const jwksURI = 'https://as.example/jwks';
    const introspect = async (_url: string, { body }: RequestInit) =>
      Response.json(await opaque.tokens.introspect(String((body as URLSearchParams).get('token'))));
    const ways: readonly [what: string, verify: Verify, token: string][] = [
      ['tokens.verify of opaque tokens', opaque.tokens.verify, secret],
      ['tokens.verify of JWTs', signed.tokens.verify, good],
      [
        'jwtVerifier',
        jwtVerifier({
          issuer: ISSUER,
          audience: AUDIENCE,
          jwksURI,
          now,
          fetch: async () => Response.json(keys.jwks()),
        }),
        good,
      ],
      [
        'introspectionVerifier',
        introspectionVerifier({
          endpoint: 'https://as.example',
          fetch: introspect,
          clientID: 'a',
          clientSecret: 'b',
          now,
        }),
        secret,
      ],
    ];
    verifiers = Object.fromEntries(
      await Promise.all(
        ways.map(async ([what, verify, token]) => {
          const made = api({ verify, now, allowTokenInForm: true, allowTokenInQuery: true });
          const server = made.app.listen(0, '127.0.0.1');
          await once(server, 'listening');
          servers.push(server);
          const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
          const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
          assert.equal(await answer.text(), 'in', `${what}: the test could get in`);
          made.seen.length = 0;
          seen.push(made.seen, made.errors);
          return [what, { url, token: presented(token, signing.kid ?? '') }] as const;
        }),
      ),
    );
  });
  after(() => {
    for (const server of servers) server.close();
  });

  const attack = async (url: string, request: RequestInit): Promise<void> => {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(10_000) });
    const answer = await response.text();
    assert.ok([400, 401].includes(response.status), `${response.status} ${answer}`);
    const { error } = JSON.parse(answer) as { error?: string };
    assert.ok([undefined, 'invalid_request', 'invalid_token'].includes(error), answer);
    const challenge = response.headers.get('WWW-Authenticate') ?? '';
    const expected = error === undefined ? '' : `, error="${error}", error_description="[^"\\\\]+"`;
    assert.match(challenge, new RegExp(`^Bearer realm="API"${expected}$`));
    assert.deepEqual(seen.flat(), []);
  };

  for (const what of [
    'tokens.verify of opaque tokens',
    'tokens.verify of JWTs',
    'jwtVerifier',
    'introspectionVerifier',
  ]) {
    it(`${what}: ${RUNS} Authorization headers`, () => {
      const { url, token } = verifiers[what] ?? assert.fail();
      return fc.assert(
        fc.asyncProperty(credentials(token), (Authorization) => attack(url, { headers: { Authorization } })),
        { numRuns: RUNS },
      );
    });
  }

  it(`${RUNS} queries and forms`, () => {
    const { url, token } = verifiers['jwtVerifier'] ?? assert.fail();
    const body = fc.oneof(parameter(token).map(encode), fc.string({ unit: 'binary', maxLength: 300 }));
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return fc.assert(
      fc.asyncProperty(parameter(token), body, (query, form) =>
        attack(`${url}?${encode(query)}`, { method: 'POST', headers: type, body: form }),
      ),
      { numRuns: RUNS },
    );
  });
});
