/** RFC 7517 §5: the public keys that access tokens are signed with. */
import type { Core, Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
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

/** Where the public keys come from: the key set of the token service, or one of the application. */
export interface PublishedKeys {
  jwks(): object;
}

export interface JWKSOptions {
  /** Where the endpoint is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/jwks`. */
  readonly url?: string;
}

/** Seconds for which APIs may cache the keys. A key must be published for longer than that before it signs. */
const KEYS_MAX_AGE = 300;

/** @throws Error if there are no keys */
function keysOf<C, U>(core: Core<C, U>, keys: PublishedKeys | undefined): PublishedKeys {
  const published = keys ?? core.keys;
  if (!published)
    throw new Error('jwks() has no keys to publish: give them to createServer({ keys }) or to jwks(keys)');
  return published;
}

/**
 * Publishes the public keys, so that APIs can verify access tokens that are JWTs.
 *
 * @param keys default: those of `createServer({ keys })`
 * @throws Error before the first request, when there are no keys
 * @example router.all('/jwks', server.endpoint(jwks(keys)))
 * @see RFC 7517 §5, RFC 8414 §2
 */
export function jwks<C = Client, U = unknown>(keys?: PublishedKeys, options: JWKSOptions = {}): Plug<C, U> {
  requireKnown<JWKSOptions>(options, { url: true }, 'jwks');
  const { url } = options;
  if (url !== undefined) requireLocation(url, 'jwks({ url })');
  return (core) => ({
    name: 'jwks',
    spec: 'RFC 7517',
    ready: () => void keysOf(core, keys),
    routes: {
      jwks: {
        path: '/jwks',
        url,
        listedAs: 'jwks_uri',
        methods: ['GET', 'HEAD'],
        cors: 'every-origin',
        async handler(ctx) {
          ctx.set('Cache-Control', `public, max-age=${KEYS_MAX_AGE}`);
          ctx.body = keysOf(core, keys).jwks();
          ctx.type = 'application/jwk-set+json'; // §8.5.2
        },
      },
    },
  });
}
