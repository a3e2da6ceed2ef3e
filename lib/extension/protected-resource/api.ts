/** RFC 9728: OAuth 2.0 Protected Resource Metadata. */
import type { Middleware } from 'koa';
import { carrying, type Relaxations, relaxationsOf } from '../../findings.js';
import { answersForDocument } from '../../http/cors.js';
import { named } from '../../http/named.js';
import { requireTarget } from '../../http/target.js';
import { requireKnown } from '../../options.js';
import { requireSecureURL } from '../../syntax/url.js';

/** The metadata of a protected resource, verbatim as it is published. @see RFC 9728 §2 */
export interface ProtectedResourceMetadata {
  /** The API's identifier: an https URL without fragment (http for loopback hosts), and the audience of its tokens. */
  readonly resource: string;
  /** The issuers of the authorization servers whose tokens the API accepts. */
  readonly authorization_servers?: readonly string[];
  readonly jwks_uri?: string;
  readonly scopes_supported?: readonly string[];
  /** Default: `header` only, as in `bearer`. */
  readonly bearer_methods_supported?: readonly ('header' | 'body' | 'query')[];
  readonly resource_signing_alg_values_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  readonly resource_policy_uri?: string;
  readonly resource_tos_uri?: string;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly authorization_details_types_supported?: readonly string[];
  readonly [member: string]: unknown;
}

/** How the document is served. */
export interface ProtectedResourceServing {
  /**
   * Answers at `/.well-known/oauth-protected-resource`, too, if the identifier has a path, for clients that look there only. Set it for one API of a host only:
   * the document names that API, and clients that compare its identifier (RFC 9728 §3.3) refuse it for any other API. Default `false`.
   */
  readonly alsoAtRoot?: boolean;
  /**
   * Also accepts a `resource` of http on another host than a loopback one, such as `http://api:4000` between containers of a developer. This gives up TLS:
   * everybody on the network can read the tokens of this API, and send clients to another authorization server. Default `false`.
   */
  readonly allowPlainHTTP?: boolean;
}

const RELAXATIONS: Relaxations<ProtectedResourceServing> = {
  allowPlainHTTP: {
    why: 'Everybody on the network can read the tokens of this API, and send clients to another authorization server',
    section: 'RFC 9728 §7.1',
    remedy: 'Leave it out, and serve the API by https',
  },
};

/** A middleware that answers with the metadata. */
export interface ProtectedResource extends Middleware {
  /** The API's identifier, which is the audience of its tokens. */
  readonly identifier: string;
  /** The URL of the metadata. */
  readonly metadataURL: string;
}

/** Seconds for which caches may keep the document. */
const MAX_AGE = 3600;

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** RFC 9728 §3.1: the well-known path is inserted between the host and the path. A path that is only a slash is left out. */
function wellKnown(resource: string): URL {
  const url = new URL(resource);
  url.pathname = `${WELL_KNOWN}${url.pathname === '/' ? '' : url.pathname}`;
  return url;
}

/** RFC 9728 §3.2: members with zero elements MUST be omitted. */
function toBody(metadata: ProtectedResourceMetadata): object {
  const members = Object.entries({ bearer_methods_supported: ['header'], ...metadata });
  return Object.fromEntries(members.filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

/**
 * Tells clients what this API is, and which authorization servers issue tokens for it. It answers at the well-known path of the API's
 * identifier and calls the next middleware for all other requests, so mount it at the top of the application, before `bearer`. If you give it
 * to `bearer`, every challenge leads to it, and a token that names other APIs is refused.
 *
 * @param metadata members of the document
 * @throws TypeError if `resource` is not an https URL without fragment (http for loopback hosts)
 * @example
 * const resource = protectedResource({ resource: 'https://api.example/v1', authorization_servers: ['https://as.example'] });
 * app.use(resource).use(bearer({ verify, resource }));
 * @see RFC 9728 §2, §3, §5.1
 */
export function protectedResource(
  metadata: ProtectedResourceMetadata,
  serving: ProtectedResourceServing = {},
): ProtectedResource {
  requireKnown<ProtectedResourceServing>(
    serving,
    { alsoAtRoot: true, allowPlainHTTP: true },
    'protectedResource(metadata, options)',
  );
  requireSecureURL(metadata.resource, 'resource', serving); // RFC 9728 §1.2
  const { href, pathname, search } = wellKnown(metadata.resource);
  const places = new Set([pathname + search, ...(serving.alsoAtRoot === true ? [WELL_KNOWN] : [])]);
  const body = toBody(metadata);
  const protectedResource: Middleware = named('protectedResource', async (ctx, next) => {
    requireTarget(ctx); // Koa throws for a malformed path, and there may be no error handler before this middleware
    const isAsked = places.has(ctx.path + ctx.search) && ['GET', 'HEAD', 'OPTIONS'].includes(ctx.method);
    if (!isAsked) return next();
    if (answersForDocument(ctx)) return;
    ctx.set('Cache-Control', `public, max-age=${MAX_AGE}`);
    ctx.body = body;
  });
  carrying(protectedResource, relaxationsOf('protectedResource', serving, RELAXATIONS));
  return Object.assign(protectedResource, { identifier: metadata.resource, metadataURL: href });
}
