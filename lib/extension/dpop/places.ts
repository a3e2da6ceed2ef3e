/** Where the endpoints of an authorization server are, as clients see them: what `htu` of a proof must be. @see RFC 9449 §4.3 item 9 */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { pathOf } from '../../http/target.js';

/** The URLs of the token endpoint and of the endpoints of extensions. */
function endpointsOf<C, U>({ locations, routes }: Core<C, U>, issuer: string): readonly string[] {
  const places = [...routes].map(([name, { path }]) => locations.of(name, path));
  return [locations.of('token', '/token'), ...places].map((place) => locations.url(place, 'an endpoint', issuer));
}

/**
 * The URL that a request to the authorization server went to. The `Host` header counts for nothing: whoever got hold of a proof for another
 * server could write that server's name there. The host is that of the issuer. The path is that of the request; where a proxy has taken a part of it
 * away, it is that of the endpoint whose path ends with it.
 */
export function requestedURL<C, U>(core: Core<C, U>, issuer: string, ctx: Context): string {
  const path = pathOf(ctx);
  const here = `${new URL(issuer).origin}${path}`;
  const endpoints = endpointsOf(core, issuer);
  if (endpoints.includes(here)) return here;
  return endpoints.find((url) => new URL(url).pathname.endsWith(path)) ?? here;
}
