/** What strangers send to an OpenID Provider: parameters that are JSON, lists, and ID tokens that are none. */
import { REQUEST } from '../support/authorization-server.js';
import { openidServer, rsaKeys } from '../support/openid-server.js';
import { inject } from './inject.js';
import type { Input } from './inputs.js';

type Texts = Readonly<Record<string, (size: number) => string>>;

const LARGEST = 20_000;

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join();

/** What is hard about the parameter `claims`. */
const CLAIMS: Texts = {
  'many claims': (size) => `{"id_token":{${many(size / 12, (n) => `"c${n}":null`)}}}`,
  'one claim many times': (size) => `{"id_token":{${many(size / 12, () => '"name":null')}}}`,
  'many values': (size) => `{"id_token":{"acr":{"essential":true,"values":[${many(size / 8, (n) => `"v${n}"`)}]}}}`,
  'many subjects': (size) => `{"id_token":{"sub":{"values":[${many(size / 8, (n) => `"v${n}"`)}]}}}`,
  'nested objects': (size) => `{"userinfo":{"a":${'{"value":'.repeat(size / 10)}0${'}'.repeat(size / 10)}}}`,
  'nested arrays': (size) => `{"userinfo":{"a":{"value":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}}}`,
  'many members': (size) => `{${many(size / 12, (n) => `"m${n}":{}`)}}`,
  prototypes: (size) => `{"id_token":{${many(size / 20, () => '"__proto__":{"a":1}')}}}`,
};

const PARAMETERS = [
  ...['claims', 'id_token_hint', 'prompt', 'nonce', 'max_age', 'acr_values', 'login_hint'],
  ...['display', 'ui_locales', 'claims_locales', 'request', 'request_uri'],
];

/**
 * @param texts what may be hard about any text
 * @param jwts JWTs that nobody has signed
 */
export async function ofOpenID(texts: Texts, jwts: Readonly<Record<string, (size: number, typ: string) => string>>) {
  const { app } = openidServer({ keys: await rsaKeys(), session: false });
  app.silent = true;
  const fields = { ...REQUEST, scope: 'openid' };
  const input = (name: string, what: string, text: (size: number) => string): Input => ({
    name: `POST /authorize, ${name}: ${what}`,
    largest: LARGEST,
    work: (size) =>
      inject(app, {
        target: '/authorize',
        headers: [['X-User', 'alice']],
        body: new URLSearchParams({ ...fields, [name]: text(size) }).toString(),
      }),
  });
  const hints = Object.entries(jwts).map(([what, jwt]) => input('id_token_hint', what, (size) => jwt(size, 'JWT')));
  const claims = Object.entries(CLAIMS).map(([what, text]) => input('claims', what, text));
  const all = PARAMETERS.flatMap((name) => Object.entries(texts).map(([what, text]) => input(name, what, text)));
  return [...hints, ...claims, ...all];
}
