import { type Relaxations, relaxationsOf } from '../findings.js';
import { ASYMMETRIC, type AsymmetricAlgorithm } from '../keys/asymmetric.js';
import { CLIENT_KEYS_OPTIONS, type ClientKeysOptions, clientKeys } from '../keys/client-keys.js';
import { FETCH_RELAXATIONS } from '../keys/fetch-jwks.js';
import { newKeyPair } from '../keys/generate.js';
import { recentlyUsed } from '../oldest-first.js';
import { requireKnown } from '../options.js';
import type { Client } from '../types.js';
import { ASSERTION_OPTIONS, ASSERTION_RELAXATIONS, type AssertionOptions } from './assertion.js';
import { assertionMethod } from './assertion-method.js';
import type { ClientAuthMethod } from './method.js';

/** The algorithms by which a client may sign with a private key. Never HMAC: anyone could use the public key as the secret. @see RFC 8725 §2.1 */
export type PrivateKeyAlgorithm = AsymmetricAlgorithm;

/** Options of `privateKeyJwt()`. */
export type PrivateKeyJwtOptions<C = Client> = AssertionOptions<PrivateKeyAlgorithm, C> & ClientKeysOptions<C>;

const RELAXATIONS: Relaxations<PrivateKeyJwtOptions> = { ...ASSERTION_RELAXATIONS, ...FETCH_RELAXATIONS };

const decoyKey = recentlyUsed(ASYMMETRIC.length, async (alg) => (await newKeyPair(alg)).publicKey);

/**
 * A client signs with its private key, and registers the public one. An attacker who reads the server's database, or a request, cannot
 * impersonate the client. It is the strongest method for clients that run on servers.
 *
 * The server sends a request to the `jwks_uri` that the client registered (SSRF): to public addresses only, unless `fetch` is given.
 *
 * @throws TypeError for options that no assertion could satisfy; at the request `temporarily_unavailable` (503) if a `jwks_uri` cannot be fetched
 * @example privateKeyJwt({ issuer: 'https://as.example', useOnce: tokens.useOnce })
 * @see RFC 7523 §2.2, §3, RFC 10070, OpenID Connect Core 1.0 §9
 */
export function privateKeyJwt<C = Client>(options: PrivateKeyJwtOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<PrivateKeyJwtOptions<C>>(options, { ...ASSERTION_OPTIONS, ...CLIENT_KEYS_OPTIONS }, 'privateKeyJwt');
  const lookUp = clientKeys(options);
  const method = assertionMethod<C, PrivateKeyAlgorithm>(
    {
      name: 'private_key_jwt',
      algorithms: ASYMMETRIC,
      decoyKey,
      // finds no private keys, and no keys that are registered for another use
      keyOf: (client, header) => lookUp(client, ({ find }) => find(header)),
    },
    options,
  );
  return { ...method, findings: () => relaxationsOf('privateKeyJwt', options, RELAXATIONS) };
}
