import type { Context } from 'koa';
import type { Core } from '../core.js';

/** Used if the issuer is not known: only paths are compared. */
const SOME_ISSUER = 'https://as.example';

/** The endpoint that a request is for. Found by its path: a request whose client failed to authenticate has not reached the endpoint. */
export function endpointAt<C, U>(
  ctx: Context,
  { routes, locations, issuer = SOME_ISSUER }: Pick<Core<C, U>, 'routes' | 'locations' | 'issuer'>,
): string | undefined {
  const [path] = (ctx.originalUrl ?? '').split('?', 1); // `ctx.path` throws for some request targets
  const usual = [['authorization', '/authorize'] as const, ['token', '/token'] as const];
  const all = [...usual, ...[...routes].map(([name, { path }]) => [name, path] as const)];
  return all.find(
    ([name, usual]) => new URL(locations.url(locations.of(name, usual), name, issuer)).pathname === path,
  )?.[0];
}
