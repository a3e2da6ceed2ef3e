import type { Context } from 'koa';
import { noStore, setHeader } from './headers.js';

/** Redirects the browser. The location is not changed: `ctx.redirect` would normalize it. */
export function redirect(ctx: Context, location: string): void {
  noStore(ctx);
  setHeader(ctx, 'referrer-policy', 'no-referrer'); // RFC 9700 §4.2.4
  setHeader(ctx, 'location', location);
  ctx.status = ctx.method === 'POST' ? 303 : 302; // RFC 9700 §4.12: 307 would send the dialog's form to the client
  setHeader(ctx, 'content-type', 'text/plain; charset=utf-8');
  ctx.body = 'Redirecting';
}
