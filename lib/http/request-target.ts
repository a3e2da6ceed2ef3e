import type { Middleware } from 'koa';
import { named } from './named.js';
import { requireTarget } from './target.js';

/**
 * Refuses requests whose target cannot be parsed, such as `GET http://[::1/`. For these, Koa's `ctx.path` and `ctx.query` throw, and
 * middleware that reads them would answer 500. Put it before all middleware that reads the URL, and after the application's error page,
 * if it has one. `server.errorHandler()` and `bearer()` do the same for the middleware that comes after them.
 *
 * @throws BadRequestError 400, for each such request
 * @example app.use(server.errorHandler()).use(requestTarget()).use(router.routes())
 * @see RFC 9112 §3.2
 */
export function requestTarget(): Middleware {
  return named('requestTarget', (ctx, next) => {
    requireTarget(ctx);
    return next();
  });
}
