/** Whatever stands in a request: 4xx in the RFC's form, never 5xx, and nobody gets in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { clientSecretBasic, clientSecretJwt, clientSecretPost, none, privateKeyJwt } from 'koauthorize/client-auth';
import { ISSUER } from '../support/authorization-server.js';
import { clientAuthServer, client as clientOf, DOORS, type Registered } from '../support/client-auth.js';

const SECRET = 'a secret that nobody guesses, long enough for HS512: 0123456789abcdef';
const RUNS = 2500;

const clients = [
  clientOf('client', { client_secret: SECRET }),
  clientOf('hmac', { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_jwt' }),
  clientOf('signer', {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }, // RFC 8037 appendix A.2
  }),
];
const options = { issuer: ISSUER, useOnce: () => true };
const methods = [
  clientSecretBasic<Registered>(),
  clientSecretPost<Registered>(),
  none<Registered>(),
  privateKeyJwt<Registered>(options),
  clientSecretJwt<Registered>(options),
];

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const name = fc.constantFrom('client', 'hmac', 'signer', 'nobody', '', '__proto__');
const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** What a header may have on its way through Node: no line breaks. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 32, max: 255 })
    .filter((code) => code !== 127)
    .map((code) => String.fromCharCode(code)),
  maxLength: 200,
});
const credentials = fc
  .tuple(name, fc.string({ unit: 'binary' }))
  .map(([id, rest]) => `Basic ${Buffer.from(`${id}:${rest}`).toString('base64')}`);
const authorization = fc.oneof(
  headerText,
  headerText.map((text) => `Basic ${text}`),
  credentials,
  fc.base64String().map((text) => `basic ${text}`),
);

const claim = fc.oneof(
  name,
  fc.constantFrom(ISSUER, [ISSUER], 0, -1, 1e12, 1e308, null, true),
  fc.integer(),
  fc.jsonValue(),
);
const claims = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { iss: claim, sub: claim, aud: claim, exp: claim, iat: claim, nbf: claim, jti: claim },
    { requiredKeys: [] },
  ),
);
const alg = fc.oneof(fc.constantFrom('none', 'HS256', 'HS512', 'EdDSA', 'ES256', 'RS256', 'PS256', ''), fc.jsonValue());
const header = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { alg, typ: fc.jsonValue(), kid: fc.jsonValue(), crit: fc.jsonValue(), b64: fc.boolean() },
    { requiredKeys: [] },
  ),
);
const assertion = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .tuple(header, claims, fc.base64String())
    .map(([head, body, signature]) => `${base64url(head)}.${base64url(body)}.${signature}`),
  fc.array(fc.string(), { maxLength: 6 }).map((parts) => parts.join('.')),
);

const field = fc.oneof(
  fc.tuple(fc.constant('client_id'), fc.oneof(name, fc.string({ unit: 'binary' }))),
  fc.tuple(fc.constant('client_secret'), fc.string({ unit: 'binary' })),
  fc.tuple(fc.constant('client_assertion'), assertion),
  fc.tuple(fc.constant('client_assertion_type'), fc.oneof(fc.constant(TYPE), fc.string())),
  fc.tuple(fc.string(), fc.string({ unit: 'binary' })),
);
const assertionForm = fc.record({
  client_assertion: assertion,
  client_assertion_type: fc.constant(TYPE),
  client_id: fc.option(name),
});
const formOf = (fields: readonly (readonly [string, unknown])[]): string =>
  fields
    .map(
      ([key, value]) =>
        `${encodeURIComponent(Buffer.from(key).toString())}=${encodeURIComponent(Buffer.from(String(value ?? '')).toString())}`,
    )
    .join('&');
const body = fc.oneof(
  fc.array(field, { maxLength: 6 }).map(formOf),
  assertionForm.map((form) => formOf(Object.entries(form))),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

for (const door of DOORS) {
  describe(`client-auth: hostile input to ${door}`, function () {
    this.timeout(120_000);
    let url = '';
    const { app, issued } = clientAuthServer({ door, clients, authentication: { methods } });
    const server = app.listen(0);
    before(async () => {
      if (!server.listening) await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    });
    after(() => server.close());

    const attack = async (headers: Record<string, string>, form: string): Promise<void> => {
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const signal = AbortSignal.timeout(10_000);
      const response = await fetch(url, { method: 'POST', headers: { ...type, ...headers }, body: form, signal });
      const answer = (await response.json()) as { error?: unknown };
      assert.ok(response.status === 400 || response.status === 401, `${response.status} ${JSON.stringify(answer)}`);
      assert.ok(answer.error === 'invalid_client' || answer.error === 'invalid_request', JSON.stringify(answer));
      assert.equal(response.headers.has('WWW-Authenticate'), response.status === 401);
      assert.equal(issued.length, 0);
    };

    it(`${RUNS} Authorization headers`, () =>
      fc.assert(
        fc.asyncProperty(authorization, (header) => attack({ Authorization: header }, 'grant_type=client_credentials')),
        { numRuns: RUNS },
      ));

    it(`${RUNS} bodies and assertions`, () =>
      fc.assert(
        fc.asyncProperty(body, (form) => attack({}, `grant_type=client_credentials&${form}`)),
        { numRuns: RUNS },
      ));
  });
}
