import type { Middleware } from 'koa';
import type { Core, Route } from '../core.js';
import { answersForDocument, answersPreflight } from './cors.js';

/** The middleware of an extension's endpoint, which answers scripts of other origins as the route says. */
export function served<C, U>(core: Core<C, U>, route: Route, name: string): Middleware {
  const { cors, methods, handler } = route;
  const middleware: Middleware = async (ctx, next) => {
    core.start();
    if (cors === 'every-origin' && answersForDocument(ctx)) return;
    if (cors === 'allowed-origins' && answersPreflight(ctx, core.allowOrigins, methods.join(', '))) return;
    await handler(ctx, next);
  };
  return Object.defineProperty(middleware, 'name', { value: name }); // for stack traces
}
