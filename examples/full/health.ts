/** GET /health, for load balancers and supervisors: ok, or 503 if the database does not answer. */
import type { Middleware } from 'koa';
import type { Storage } from './storage/index.js';

export function health(storage: Storage): Middleware {
  return async function health(ctx, next) {
    if (ctx.path !== '/health') return next();
    ctx.set('Cache-Control', 'no-store');
    try {
      await storage.ping();
      ctx.body = { status: 'ok' };
    } catch (error) {
      ctx.status = 503;
      ctx.body = { status: 'unavailable' };
      ctx.app.emit('error', error, ctx);
    }
  };
}
