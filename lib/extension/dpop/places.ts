/** The URLs of the endpoints as clients see them, which `htu` of a proof must equal. @see RFC 9449 §4.3 item 9 */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { pathOf } from '../../http/target.js';

/** The origin of the issuer, and the URLs of the token endpoint and of the endpoints of extensions. */
function placesOf<C, U>({ issuer = '', locations, routes }: Core<C, U>) {
  const named = [...routes].map(([name, { path }]) => locations.of(name, path));
  const places = [locations.of('token', '/token'), ...named];
  const endpoints = places.map((place) => locations.url(place, 'an endpoint', issuer));
  return { origin: new URL(issuer).origin, endpoints };
}

/**
 * Gives the URL of a request to the authorization server, as the client sees it. The `Host` header is not used: an attacker with a proof for another server
 * could write that server's name there. The host is that of the issuer. The path is that of the request; if a proxy has removed its beginning, it is the path
 * of the endpoint that ends with it.
 */
export function requestedURL<C, U>(core: Core<C, U>): (ctx: Context) => string {
  let known: ReturnType<typeof placesOf> | undefined;
  return (ctx) => {
    known ??= placesOf(core); // computed once: nothing can be plugged in after the first request
    const path = pathOf(ctx);
    const here = `${known.origin}${path}`;
    if (known.endpoints.includes(here)) return here;
    return known.endpoints.find((url) => new URL(url).pathname.endsWith(path)) ?? here;
  };
}
