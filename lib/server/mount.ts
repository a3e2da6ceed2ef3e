import type { Middleware } from 'koa';
import type { Core } from '../core.js';
import { requireKnown } from '../options.js';
import type { TokenOptions } from '../token/token.js';

/** What is needed of a router: `all` of @koa/router. */
export interface MountingRouter {
  all(path: string, ...middleware: Middleware[]): unknown;
}

export interface MountOptions {
  /** Authenticates the client before the endpoints that ask for it. Default: nothing, where the application does so before the router. */
  readonly authenticateClient?: Middleware;
  /** Options of the token endpoint. */
  readonly token?: TokenOptions;
}

interface Mountable<C, U> {
  readonly core: Core<C, U>;
  token(options?: TokenOptions): Middleware;
  route(name: string): Middleware;
}

/** The path of an endpoint on a router that stands at the issuer's path and prefix. @throws Error for a URL elsewhere */
function pathOf(location: string, name: string): string {
  if (location.startsWith('/')) return location;
  throw new Error(`The ${name} endpoint is at ${location}: mount it there yourself, by server.route(), or say a path`);
}

/** Puts the endpoints for programs on a router. */
export function mount<C, U>(server: Mountable<C, U>, router: MountingRouter, options: MountOptions): void {
  requireKnown<MountOptions>(options, { authenticateClient: true, token: true }, 'server.mount');
  const { authenticateClient, token } = options;
  const { exchangers, routes, locations } = server.core;
  const before = authenticateClient ? [authenticateClient] : [];
  if (exchangers.length > 0)
    router.all(pathOf(locations.of('token', '/token'), 'token'), ...before, server.token(token));
  for (const [name, { path, clientAuthenticated }] of routes) {
    const first = clientAuthenticated ? before : [];
    router.all(pathOf(locations.of(name, path), name), ...first, server.route(name));
  }
}
