import createDebug from 'debug';
import { createLocalJWKSet, generateKeyPair } from 'jose';
import { TokenError } from '../errors/token-error.js';
import { recentlyUsed } from '../proof/recently-used.js';
import { KeysUnavailableError, type RemoteKeysOptions, remoteKeys } from '../proof/remote-keys.js';
import type { Client } from '../types.js';
import type { AssertionOptions } from './assertion.js';
import { assertionMethod } from './assertion-method.js';
import type { ClientAuthMethod } from './method.js';

const debug = createDebug('koauthorize:client-auth');

const ALGORITHMS = [
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
  ...(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const),
];

/** What a client may sign with a private key. Never HMAC: whoever knows the public key could make it. @see RFC 8725 §2.1 */
export type PrivateKeyAlgorithm = (typeof ALGORITHMS)[number];

export interface PrivateKeyJwtOptions<C = Client> extends AssertionOptions<PrivateKeyAlgorithm>, RemoteKeysOptions {
  /** The public keys that a client registered by value. Default: its `jwks`. */
  readonly jwks?: (client: C) => object | null | undefined;
  /** Where a client that registered no keys by value has them. Default: its `jwks_uri`. */
  readonly jwksURI?: (client: C) => string | null | undefined;
}

/** Sets of clients, imported once. By what is in them: a set that is changed, or read anew for each request, is what it says. */
const localKeys = recentlyUsed(1000, (text) => createLocalJWKSet(JSON.parse(text)));

const decoyKey = recentlyUsed(ALGORITHMS.length, async (alg) => (await generateKeyPair(alg)).publicKey);

/**
 * A client signs with its private key, and registers the public one: nothing that is stored here, or travels, lets anybody pretend
 * to be it. The best there is for clients that are servers.
 *
 * The URL in `jwks_uri` is whatever the registration says, and this machine is made to send a request there (SSRF). Where anyone may
 * register, give a `fetch` that refuses addresses of the inner network.
 *
 * @throws TypeError for options that cannot be meant; at the request `temporarily_unavailable` (503) when a `jwks_uri` cannot be fetched
 * @example privateKeyJwt({ issuer: 'https://as.example', useOnce: tokens.useOnce })
 * @see RFC 7523 §2.2, §3, RFC 10070, OpenID Connect Core 1.0 §9
 */
export function privateKeyJwt<C = Client>(options: PrivateKeyJwtOptions<C>): ClientAuthMethod<C> {
  const {
    jwks = (client) => Reflect.get(Object(client), 'jwks'),
    jwksURI = (client) => Reflect.get(Object(client), 'jwks_uri'),
  } = options;
  const keysAt = remoteKeys(options);
  return assertionMethod<C, PrivateKeyAlgorithm>(
    {
      name: 'private_key_jwt',
      algorithms: ALGORITHMS,
      decoyKey,
      async keyOf(client, header) {
        const [set, url] = [jwks(client) ?? undefined, jwksURI(client) ?? undefined];
        if ((set === undefined) === (url === undefined)) return undefined; // RFC 7591 §2: MUST NOT both be present
        try {
          // jose finds no private key, and none that is for another use
          return await (url === undefined ? localKeys(JSON.stringify(set)) : keysAt(url))(header);
        } catch (error) {
          debug('no key: %s', error);
          if (!(error instanceof KeysUnavailableError)) return undefined;
          throw new TokenError('Try again later', 'temporarily_unavailable', undefined, 503, { cause: error });
        }
      },
    },
    options,
  );
}
