/** RFC 9728: OAuth 2.0 Protected Resource Metadata. */
import type { Middleware } from 'koa';
import { answersForDocument } from '../../http/cors.js';
import { requireTarget } from '../../http/target.js';
import { requireSecureURL } from '../../syntax/url.js';

/** Verbatim. @see RFC 9728 §2 */
export interface ProtectedResourceMetadata {
  /** The API's identifier: an https URL without fragment (http for loopback hosts), and the audience of its tokens. */
  readonly resource: string;
  /** Issuers whose tokens it takes. */
  readonly authorization_servers?: readonly string[];
  readonly jwks_uri?: string;
  readonly scopes_supported?: readonly string[];
  /** Default: `header` only, as `bearer` has it. */
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

/** A middleware that answers for the metadata, and knows where. */
export interface ProtectedResource extends Middleware {
  /** Where the metadata is. */
  readonly metadataURL: string;
}

/** Seconds for which the document may be kept. */
const MAX_AGE = 3600;

/** RFC 9728 §3.1: between the host, without the slash after it, and what follows. */
function wellKnown(resource: string): URL {
  const url = new URL(resource);
  url.pathname = `/.well-known/oauth-protected-resource${url.pathname === '/' ? '' : url.pathname}`;
  return url;
}

/** RFC 9728 §3.2: members with zero elements MUST be omitted. */
function toBody(metadata: ProtectedResourceMetadata): object {
  const members = Object.entries({ bearer_methods_supported: ['header'], ...metadata });
  return Object.fromEntries(members.filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

/**
 * Tells clients what this API is, and which authorization servers give tokens for it. It answers at the well-known path of the API's
 * identifier, and passes everything else on; so it stands at the top of the application, before `bearer`. Given to `bearer`, every
 * challenge leads to it.
 *
 * @param metadata members of the document
 * @throws TypeError when `resource` is not an https URL without fragment (http for loopback hosts)
 * @example
 * const resource = protectedResource({ resource: 'https://api.example/v1', authorization_servers: ['https://as.example'] });
 * app.use(resource).use(bearer({ verify, resource }));
 * @see RFC 9728 §2, §3, §5.1
 */
export function protectedResource(metadata: ProtectedResourceMetadata): ProtectedResource {
  requireSecureURL(metadata.resource, 'resource'); // RFC 9728 §1.2
  const { href, pathname, search } = wellKnown(metadata.resource);
  const body = toBody(metadata);
  const protectedResource: Middleware = async (ctx, next) => {
    requireTarget(ctx); // it reads the path, and may stand before any error handler
    const isAsked = ctx.path === pathname && ctx.search === search && ['GET', 'HEAD', 'OPTIONS'].includes(ctx.method);
    if (!isAsked) return next();
    if (answersForDocument(ctx)) return;
    ctx.set('Cache-Control', `public, max-age=${MAX_AGE}`);
    ctx.body = body;
  };
  return Object.assign(protectedResource, { metadataURL: href });
}
