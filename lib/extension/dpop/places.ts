/** The URLs of the endpoints as clients see them, which `htu` of a proof must equal. @see RFC 9449 §4.3 item 9 */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { pathOf } from '../../http/target.js';
import type { URLsOf } from './presented.js';

/** The origin of the issuer, and the URLs of the token endpoint and of the endpoints of extensions. */
function placesOf<C, U>({ issuer = '', locations, routes }: Core<C, U>) {
  const named = [...routes].map(([name, { path }]) => locations.of(name, path));
  const places = [locations.of('token', '/token'), ...named];
  const endpoints = places.map((place) => locations.url(place, 'an endpoint', issuer));
  return { origin: new URL(issuer).origin, endpoints };
}

/**
 * The URLs that the metadata names for clients with certificates. A client sends its requests there, and its proofs are for these URLs: the server accepts them
 * as it accepts those for its own URLs. @see RFC 8705 §5
 */
function aliasesOf<C, U>({ issuer = '', locations, extensions }: Core<C, U>): readonly URL[] {
  const places = extensions.flatMap(({ metadata }) => Object.values(metadata?.().mtls_endpoint_aliases ?? {}));
  const urls = places.map((place) => locations.url(place, 'an alias', issuer));
  return urls.filter((url) => URL.canParse(url)).map((url) => new URL(url)); // without an issuer, a path is no URL
}

/**
 * Gives the URL of a request to the authorization server, as the client sees it. The `Host` header is not used: an attacker with a proof for another server
 * could write that server's name there. The host is that of the issuer. The path is that of the request; if a proxy has removed its beginning, it is the path
 * of the endpoint that ends with it.
 */
function requestedURL<C, U>(core: Core<C, U>): (ctx: Context) => readonly [string] {
  let known: ReturnType<typeof placesOf> | undefined;
  return (ctx) => {
    known ??= placesOf(core); // computed once: nothing can be plugged in after the first request
    const path = pathOf(ctx);
    const here = `${known.origin}${path}`;
    if (known.endpoints.includes(here)) return [here];
    return [known.endpoints.find((url) => new URL(url).pathname.endsWith(path)) ?? here];
  };
}

/** Gives the URLs of a request to the authorization server, as clients may see it. @param below those that `dpop({ baseURL })` says */
export function requestedURLs<C, U>(core: Core<C, U>, below: URLsOf | undefined): URLsOf {
  const urlsOf = below ?? requestedURL(core);
  let aliases: readonly URL[] | undefined;
  return (ctx) => {
    aliases ??= aliasesOf(core);
    const urls = urlsOf(ctx);
    if (aliases.length === 0) return urls;
    const path = pathOf(ctx);
    return [...urls, ...aliases.filter(({ pathname }) => pathname.endsWith(path)).map(({ href }) => href)];
  };
}
