/** The page that asks the user: the next middleware draws it. */
import type { Context, Next } from 'koa';
import { warnOnce } from '../errors/warning.js';

/** Calls the middleware that draws the dialog. A 404 is reported only after it was sent: an outer middleware may still answer. */
export async function draw(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 404) return;
  ctx.res.once('finish', () => {
    if (ctx.res.statusCode !== 404) return;
    warnOnce(
      'KOAUTHORIZE_NO_DIALOG',
      'Nothing answers behind server.authorization() or server.resume(): the next middleware of the route must draw the dialog. Users get 404.',
    );
  });
}
