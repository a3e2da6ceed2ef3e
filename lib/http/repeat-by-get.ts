/**
 * Forms that a page of another site posts. The browser sends them without cookies that are `SameSite=Lax`, so that a logged-in user would seem to be logged
 * out, and a session that begins with the response would replace the user's. When the browser follows a redirect to the same URL by GET, it sends these cookies.
 */
import type { Context } from 'koa';
import { redirect } from './redirect.js';

/** In characters: servers and proxies refuse longer URLs. */
const MAX_QUERY = 6000;

export function isTooLong(query: URLSearchParams): boolean {
  return query.toString().length > MAX_QUERY;
}

/**
 * Whether a browser says that a page of another origin has sent the request. Programs that are no browsers send neither header.
 *
 * @param issuer its origin counts as that of the server, too: behind a proxy, the server may not know its own
 */
export function isFromAnotherOrigin(ctx: Context, issuer: string | undefined): boolean {
  const { 'sec-fetch-site': site, origin } = ctx.req.headers;
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  if (origin === undefined || origin === `${ctx.protocol}://${ctx.host}`) return false; // not `ctx.origin`: in Koa 3 it is the header
  return issuer === undefined || origin !== new URL(issuer).origin;
}

/** Redirects a POST to the same URL, by GET. */
export function repeatByGet(ctx: Context, query: URLSearchParams): void {
  // RFC 3986 §5.2.2: a relative reference keeps the path that the browser knows, also if the application is mounted below another one
  redirect(ctx, `?${query}`);
}
