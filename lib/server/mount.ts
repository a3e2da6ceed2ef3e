import type { Middleware } from 'koa';
import type { Core } from '../core.js';
import { warnOnce } from '../errors/warning.js';
import { requireKnown } from '../options.js';
import { type TokenOptions, token as tokenEndpoint } from '../token/token.js';

/** The part of a router that `server.mount()` needs: `all` of @koa/router. */
export interface MountingRouter {
  all(path: string, ...middleware: Middleware[]): unknown;
}

/** Options of `server.mount()`. */
export interface MountOptions {
  /** Authenticates the client before the endpoints that need it. Default: none, for applications that authenticate clients before the router. */
  readonly authenticateClient?: Middleware;
  /** Options of the token endpoint. */
  readonly token?: TokenOptions;
}

interface Mountable<C, U> {
  readonly core: Core<C, U>;
  route(name: string): Middleware;
}

/** The path of an endpoint on a router that is mounted at the issuer's path and prefix. @throws Error for an endpoint that is configured as a URL */
function pathOf(location: string, name: string): string {
  if (location.startsWith('/')) return location;
  throw new Error(`The ${name} endpoint is at ${location}: mount it there yourself, by server.route(), or say a path`);
}

/** The path of the issuer and the prefix, at which the router is mounted: `/`, or `/tenant/`. */
function baseOf<C, U>({ issuer = 'https://as.example', locations }: Core<C, U>): string {
  return new URL(locations.url('/', 'A router', issuer)).pathname;
}

/**
 * The path on the router. Paths of endpoints are relative to the router, except those of documents under `/.well-known/`: RFC 8414 §3 and OpenID Connect
 * Discovery §4 define their paths on the host.
 *
 * @returns undefined for a document that is not below the path of the router
 */
function onRouter<C, U>(core: Core<C, U>, path: string): string | undefined {
  if (!path.includes('/.well-known/')) return path;
  const base = baseOf(core);
  return path.startsWith(base) ? `/${path.slice(base.length)}` : undefined;
}

function warnOfAbsent(name: string, path: string): void {
  warnOnce(
    `KOAUTHORIZE_MOUNT_${name.toUpperCase()}`,
    `server.mount leaves out ${name}: it is at ${path} of the host, and the router is below a path. Mount server.route('${name}') there.`,
    path,
  );
}

/** Adds the endpoints that clients call directly to a router. */
export function mount<C, U>(server: Mountable<C, U>, router: MountingRouter, options: MountOptions): void {
  requireKnown<MountOptions>(options, { authenticateClient: true, token: true }, 'server.mount');
  const { authenticateClient, token = {} } = options;
  const { exchangers, routes, locations } = server.core;
  const before = authenticateClient ? [authenticateClient] : [];
  if (exchangers.length > 0)
    router.all(pathOf(locations.of('token', '/token'), 'token'), ...before, tokenEndpoint(server.core, token));
  for (const [name, { path, alsoAt, clientAuthenticated, hasPage }] of routes) {
    if (hasPage) continue;
    for (const location of [pathOf(locations.of(name, path), name), ...(alsoAt?.() ?? [])]) {
      const place = onRouter(server.core, location);
      if (place === undefined) warnOfAbsent(name, location);
      else router.all(place, ...(clientAuthenticated ? before : []), server.route(name));
    }
  }
}
