import type { Context } from 'koa';

// Header names that every response has are written in lower case: Node would otherwise convert them for each response.

/** Only for speed: sets a header of a response. Koa's `ctx.set` also takes objects and lists, and makes five arrays for each header. */
export function setHeader({ res }: Context, name: string, value: string): void {
  if (!res.headersSent) res.setHeader(name, value);
}

/** Keeps responses with secrets, and errors about them, out of caches. `Pragma` is for caches of HTTP/1.0. @example noStore(ctx); @see RFC 6749 §5.1 */
export function noStore(ctx: Context): void {
  setHeader(ctx, 'cache-control', 'no-store');
  setHeader(ctx, 'pragma', 'no-cache');
}

/** The `Authorization` header, or an empty string. */
export function authorizationOf({ req }: Context): string {
  return req.headers.authorization ?? '';
}

const AUTHORIZATION = 'authorization';

/** Whether the request has several `Authorization` headers. Node keeps only the first in `headers`; `rawHeaders` has all of them. */
export function hasSeveralAuthorizations({ req: { rawHeaders } }: Context): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) count += 1;
  }
  return count > 1;
}

/**
 * Protects a consent dialog against clickjacking, and against leaking its URL in `Referer`. The referrer policy is not `no-referrer`: with
 * that, browsers post the dialog's form with `Origin: null`, and middleware that compares origins would refuse it.
 *
 * @see RFC 9700 §4.16, §4.2.4
 */
export function protectDialog(ctx: Context): void {
  noStore(ctx);
  setHeader(ctx, 'x-frame-options', 'DENY');
  ctx.append('content-security-policy', "frame-ancestors 'none'");
  setHeader(ctx, 'referrer-policy', 'same-origin');
}
