/** RFC 7517 §5: the public keys that access tokens are signed with. */
import type { Endpoint } from '../core.js';
import type { Client } from '../types.js';

declare module '../types.js' {
  interface ServerMetadata {
    readonly jwks_uri?: string;
  }
}

/** What has public keys to show: the key set of the token service, or the application's own. */
export interface PublishedKeys {
  jwks(): object;
}

export interface JWKSOptions {
  /** Where it is mounted, for the metadata. Default `/jwks`. */
  readonly url?: string;
}

/** Seconds for which the keys may be kept: publish a key for longer than that before it signs. */
const MAX_AGE = 300;

/**
 * Publishes keys, so that APIs can verify access tokens.
 *
 * @example router.get('/jwks', server.endpoint(jwks(keys)))
 * @see RFC 7517 §5, RFC 8414 §2
 */
export function jwks<C = Client, U = unknown>(
  keys: PublishedKeys,
  { url = '/jwks' }: JWKSOptions = {},
): Endpoint<C, U> {
  const endpoint: Endpoint<C, U> = () =>
    async function jwks(ctx) {
      ctx.set('Access-Control-Allow-Origin', '*');
      ctx.set('Cache-Control', `public, max-age=${MAX_AGE}`);
      ctx.body = keys.jwks();
      ctx.type = 'application/jwk-set+json'; // §8.5.2
    };
  return Object.assign(endpoint, { metadata: () => ({ jwks_uri: url }) });
}
