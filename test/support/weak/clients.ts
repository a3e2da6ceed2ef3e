/** The clients of the weak server, and keys. */
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { WeakClient } from './nouns.js';
import { random } from './random.js';

const SCOPE = ['read', 'write'] as const;
const uris = (name: string): [string, string] => [
  `https://${name}.example/callback`,
  `https://${name}.example/other-callback`,
];

export const signingKey = (kid: string): JWK => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), alg: 'ES256', kid };
};

export const CLIENTS: readonly WeakClient[] = [
  {
    client_id: 'the-client',
    client_secret: random(),
    redirect_uris: uris('client'),
    scope: SCOPE,
    signing_key: signingKey('one'),
  },
  {
    client_id: 'other-client',
    client_secret: random(),
    redirect_uris: uris('other'),
    scope: SCOPE,
    signing_key: signingKey('two'),
  },
  { client_id: 'public-client', redirect_uris: uris('public'), scope: SCOPE },
  { client_id: 'the-service', client_secret: random(), redirect_uris: uris('service'), scope: SCOPE },
  {
    client_id: 'signing-client',
    redirect_uris: uris('signing'),
    scope: SCOPE,
    signing_key: signingKey('three'),
    byAssertion: true,
  },
];
