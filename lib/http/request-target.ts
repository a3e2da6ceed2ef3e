import type { Middleware } from 'koa';
import { requireTarget } from './target.js';

/**
 * Refuses requests whose target cannot be read, such as `GET http://[::1/`: for these, `ctx.path` and `ctx.query` of Koa throw, and
 * whatever reads them fails as if the server were broken. It stands before everything that reads the URL, and behind the
 * application's error page, if it has one. `server.errorHandler()` and `bearer()` do the same for what stands behind them.
 *
 * @throws BadRequestError 400, at the request
 * @example app.use(errorPage).use(requestTarget()).use(router.routes())
 * @see RFC 9112 §3.2
 */
export function requestTarget(): Middleware {
  return function requestTarget(ctx, next) {
    requireTarget(ctx);
    return next();
  };
}
