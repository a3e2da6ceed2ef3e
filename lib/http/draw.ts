/** A page that asks the user something, such as the dialog: the application's next middleware draws it. */
import type { Context, Next } from 'koa';
import { warnOnce } from '../errors/warning.js';

/**
 * Calls the middleware that draws the page. If it does not answer, Koa answers 404, and a process warning says so. The warning waits until the response was
 * sent, because a middleware before this one may still answer.
 *
 * @param behind the middleware of the toolkit that the page comes after, for the message
 */
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
      `No middleware behind ${behind} has answered, so users get 404. Add a middleware to this route that draws the page.`,
      behind,
    );
  });
}
