import type { Context } from 'koa';

/** Answers with secrets in them, and errors about them, stay out of caches. @see RFC 6749 §5.1 */
export function noStore(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Pragma', 'no-cache');
}

const AUTHORIZATION = 'authorization';

/** Whether there are several `Authorization` headers. Node gives the first and drops the others: they are in the raw headers only. */
export function hasSeveralAuthorizations({ req: { rawHeaders } }: Context): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) count += 1;
  }
  return count > 1;
}

/** What a consent dialog needs against clickjacking and leaking its URL. @see RFC 9700 §4.16, §4.2.4 */
export function protectDialog(ctx: Context): void {
  noStore(ctx);
  ctx.set('X-Frame-Options', 'DENY');
  ctx.append('Content-Security-Policy', "frame-ancestors 'none'");
  ctx.set('Referrer-Policy', 'no-referrer');
}
