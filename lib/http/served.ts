import type { Middleware } from 'koa';
import type { Core, Route } from '../core.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { answersForDocument, answersPreflight } from './cors.js';
import { draw } from './draw.js';
import { endpointOf, reach } from './endpoint-of.js';
import { named } from './named.js';

/** Whether an endpoint takes a method. RFC 9110 §9.3.2: HEAD is answered like GET. */
function takes(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}

/** The middleware of an extension's endpoint: it judges the method, and applies the CORS rules of the route. */
export function served<C, U>(core: Core<C, U>, route: Route, name: string): Middleware {
  const { cors, methods, hasPage, handler } = route;
  const listed = methods.join(', ');
  return named(name, async (ctx, next) => {
    core.start();
    // a document, such as a key set, has no errors that clients read
    if (cors === 'every-origin') endpointOf.set(ctx, name);
    else reach(ctx, name);
    if (cors === 'every-origin' && answersForDocument(ctx)) return;
    if (cors === 'allowed-origins' && answersPreflight(ctx, core.allowOrigins, listed)) return;
    if (!takes(methods, ctx.method)) {
      ctx.set('Allow', listed); // RFC 9110 §15.5.6
      throw new BadRequestError(`The request must be a ${methods.join(' or ')}`, 405);
    }
    await handler(ctx, hasPage ? () => draw(ctx, next, `server.route('${name}')`) : next);
  });
}
