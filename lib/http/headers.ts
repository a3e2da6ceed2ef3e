import type { Context } from 'koa';

// Names of headers are in lower case where every answer has them: Node looks them up by that, and would make it anew each time.

/** Answers with secrets in them, and errors about them, stay out of caches, of HTTP/1.0 as well. @see RFC 6749 §5.1 */
export function noStore(ctx: Context): void {
  ctx.set('cache-control', 'no-store');
  ctx.set('pragma', 'no-cache');
}

/** The `Authorization` header, or nothing. Not by `ctx.get`, which makes the name lower case each time. */
export function authorizationOf({ req }: Context): string {
  return req.headers.authorization ?? '';
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

/**
 * What a consent dialog needs against clickjacking and leaking its URL. Not `no-referrer`, by which the dialog's own form would be posted
 * with `Origin: null`, and refused by whoever compares origins before the decision.
 *
 * @see RFC 9700 §4.16, §4.2.4
 */
export function protectDialog(ctx: Context): void {
  noStore(ctx);
  ctx.set('x-frame-options', 'DENY');
  ctx.append('content-security-policy', "frame-ancestors 'none'");
  ctx.set('referrer-policy', 'same-origin');
}
