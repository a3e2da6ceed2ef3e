/** The Koa application by hand, with a form reader of its own in place of @koa/bodyparser. */
import { koaByHand } from './by-hand/koa.js';
import { readForm } from './by-hand/read-form.js';
import { serve } from './serve.js';

serve(
  koaByHand(async (ctx, next) => {
    Object.assign(ctx.request, { body: await readForm(ctx.req) });
    await next();
  }).callback(),
);
