/** RFC 7517 §5: the public keys that access tokens and other JWTs are signed with. */

import type { Core, Plug } from '../../core.js';
import { requirePublishable } from '../../keys/public-jwk.js';
import { signingKey } from '../../keys/sign.js';
import { requireKnown } from '../../options.js';
import { requireNoPromise } from '../../promise.js';
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

/** A source of public keys: the key set of the token service, or one of the application. */
export interface PublishedKeys {
  jwks(): { readonly keys: readonly object[] };
}

/** Options of `jwks()`. */
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

/** @throws Error for a set that must not be published */
function publishable<C, U>(core: Core<C, U>, keys: PublishedKeys | undefined): { readonly keys: readonly object[] } {
  const set = keysOf(core, keys).jwks();
  requirePublishable(set);
  return set;
}

/** @throws Error for keys that must not be published, and if the key that signs is not among them */
function requireKeys<C, U>(core: Core<C, U>, keys: PublishedKeys | undefined): void {
  const published = publishable(core, keys).keys;
  const kid = signingKey(core.keys)?.kid;
  if (kid !== undefined && !published.some((jwk) => 'kid' in jwk && jwk.kid === kid))
    throw new Error(`createServer({ keys }) signs with the key ${kid}, which jwks(keys) does not publish`);
}

/**
 * Publishes the public keys, so that APIs can verify access tokens that are JWTs, and clients can verify ID tokens and other signed responses.
 *
 * @param keys default: those of `createServer({ keys })`
 * @throws Error before the first request, if there are no keys, if a key has a private or a symmetric member or no `kid` of its own, or if the key that signs
 * is not among them
 * @example router.all('/jwks', server.endpoint(jwks(keys)))
 * @see RFC 7517 §5, RFC 8414 §2
 */
export function jwks<C = Client, U = unknown>(keys?: PublishedKeys, options: JWKSOptions = {}): Plug<C, U> {
  requireKnown<JWKSOptions>(options, { url: true }, 'jwks');
  const { url } = options;
  requireNoPromise('jwks(keys)', keys);
  if (url !== undefined) requireLocation(url, 'jwks({ url })');
  return (core) => ({
    name: 'jwks',
    spec: 'RFC 7517',
    ready: () => requireKeys(core, keys),
    routes: {
      jwks: {
        path: '/jwks',
        url,
        listedAs: 'jwks_uri',
        methods: ['GET', 'HEAD'],
        cors: 'every-origin',
        async handler(ctx) {
          ctx.body = publishable(core, keys);
          ctx.set('Cache-Control', `public, max-age=${KEYS_MAX_AGE}`);
          ctx.type = 'application/jwk-set+json'; // §8.5.2
        },
      },
    },
  });
}
