/** The page that asks the user: the next middleware draws it. */
import type { Context, Next } from 'koa';
import { warnOnce } from '../errors/warning.js';

/** Calls what draws the page. Koa's 404 is told when it has been sent: a middleware around this one may still answer. @param behind the middleware of the toolkit, for the message */
export async function draw(
  ctx: Context,
  next: Next,
  behind = 'server.authorization() or server.resume()',
): Promise<void> {
  await next();
  if (ctx.status !== 404) return;
  ctx.res.once('finish', () => {
    if (ctx.res.statusCode !== 404) return;
    warnOnce(
      'KOAUTHORIZE_NO_DIALOG',
      `Nothing answers behind ${behind}: the next middleware of the route draws the dialog. Users get 404.`,
      behind,
    );
  });
}
