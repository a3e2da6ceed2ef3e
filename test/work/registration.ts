/** What strangers send to the endpoint at which clients register. */
import { registrationServer } from '../support/registration-server.js';
import { inject } from './inject.js';
import type { Input } from './inputs.js';

const LARGEST = 60_000;

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join();

/** What is hard about a registration, as JSON. */
const BODIES: Readonly<Record<string, (size: number) => string>> = {
  'many members': (size) => `{${many(size / 12, (n) => `"m${n}":"x"`)}}`,
  'many names with a language': (size) => `{${many(size / 24, (n) => `"client_name#x${n}":"x"`)}}`,
  'many signs of a language': (size) => `{"client_name${'#'.repeat(size)}":"x"}`,
  'many redirect URIs': (size) => `{"redirect_uris":[${many(size / 30, (n) => `"https://client.example/${n}"`)}]}`,
  'a long redirect URI': (size) => `{"redirect_uris":["https://${'a.'.repeat(size / 2)}example/"]}`,
  'a long scheme': (size) => `{"application_type":"native","redirect_uris":["${'a.'.repeat(size / 2)}b:/"]}`,
  'many grant types': (size) => `{"grant_types":[${many(size / 8, (n) => `"g${n}"`)}]}`,
  'many response types': (size) => `{"response_types":["${'code '.repeat(size / 5)}"]}`,
  'a long scope': (size) => `{"scope":"${'a '.repeat(size / 2)}"}`,
  'a long name': (size) => `{"client_name":"${'a'.repeat(size)}"}`,
  'many keys': (size) => `{"jwks":{"keys":[${many(size / 14, () => '{"kty":"EC"}')}]}}`,
  'many contacts': (size) => `{"contacts":[${many(size / 6, () => '"x@y"')}]}`,
  'nested objects': (size) => `{"jwks":${'{"a":'.repeat(size / 6)}0${'}'.repeat(size / 6)}}`,
  prototypes: (size) => `{${many(size / 20, () => '"__proto__":{"a":1}')}}`,
};

export function ofRegistration(): Input[] {
  const { app } = registrationServer();
  app.silent = true;
  return Object.entries(BODIES).map(([what, body]) => ({
    name: `POST /register: ${what}`,
    largest: LARGEST,
    work: (size) => {
      const text = body(size);
      const whole = text.startsWith('{"redirect_uris"')
        ? text
        : `{"redirect_uris":["https://client.example/"],${text.slice(1)}`;
      return inject(app, { target: '/register', body: whole, type: 'application/json' });
    },
  }));
}
