import type { Middleware } from 'koa';
import type { Core } from '../core.js';
import { warnOnce } from '../errors/warning.js';
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

/** Whether the router stands at the root of the host, where RFC 8615 has `/.well-known/`, and neither at a path of the issuer nor at a prefix. */
function isAtRoot<C, U>({ issuer = 'https://as.example', locations }: Core<C, U>): boolean {
  return new URL(locations.url('/', 'A router', issuer)).pathname === '/';
}

/** RFC 8414 §3: clients look for documents at the root of the host alone. */
function isElsewhere<C, U>(core: Core<C, U>, name: string, path: string): boolean {
  if (!path.startsWith('/.well-known/') || isAtRoot(core)) return false;
  warnOnce(
    `KOAUTHORIZE_MOUNT_${name.toUpperCase()}`,
    `server.mount leaves out ${name}: it is at ${path} of the host, and the router is below a path. Mount server.route('${name}') there.`,
  );
  return true;
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
    const location = pathOf(locations.of(name, path), name);
    if (isElsewhere(server.core, name, location)) continue;
    router.all(location, ...(clientAuthenticated ? before : []), server.route(name));
  }
}
