/** RFC 7517 §5: the public keys that access tokens are signed with. */
import type { Core, Endpoint } from '../../core.js';
import { answersForDocument } from '../../http/cors.js';
import { requireLocation } from '../../registry/locations.js';
import type { Client } from '../../types.js';

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/jwks`. */
    readonly jwks?: string;
  }
}
declare module '../../types.js' {
  interface ServerMetadata {
    readonly jwks_uri?: string;
  }
}

/** What has public keys to show: the key set of the token service, or the application's own. */
export interface PublishedKeys {
  jwks(): object;
}

export interface JWKSOptions {
  /** Where it is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/jwks`. */
  readonly url?: string;
}

/** Seconds for which the keys may be kept: publish a key for longer than that before it signs. */
const MAX_AGE = 300;

/**
 * Publishes keys, so that APIs can verify access tokens.
 *
 * @example router.all('/jwks', server.endpoint(jwks(keys)))
 * @see RFC 7517 §5, RFC 8414 §2
 */
export function jwks<C = Client, U = unknown>(keys: PublishedKeys, { url }: JWKSOptions = {}): Endpoint<C, U> {
  if (url !== undefined) requireLocation(url, 'jwks({ url })');
  const locate = (core: Core<C, U>): string => core.locations.of('jwks', url, '/jwks');
  const endpoint: Endpoint<C, U> = (core) => {
    locate(core);
    return async function jwks(ctx) {
      if (answersForDocument(ctx)) return;
      ctx.set('Cache-Control', `public, max-age=${MAX_AGE}`);
      ctx.body = keys.jwks();
      ctx.type = 'application/jwk-set+json'; // §8.5.2
    };
  };
  return Object.assign(endpoint, { metadata: (core: Core<C, U>) => ({ jwks_uri: locate(core) }) });
}
