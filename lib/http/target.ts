import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';

/**
 * RFC 9112 §3.2: a path, `*`, or an absolute http URI, without white space and without a fragment. RFC 9113 §8.3.1 says the same of `:path`.
 * This is checked before Node's parser runs: for some targets, the parser prints a warning with the whole query, including secrets.
 */
function hasKnownForm(target: string): boolean {
  if (/[\s#]/.test(target)) return false;
  return target.startsWith('/') || target === '*' || (/^https?:\/\//i.test(target) && URL.canParse(target));
}

/** Whether Koa can parse the target: for some, such as `http://[::1/`, `ctx.path` and `ctx.query` throw or are null. */
function isReadable(ctx: Context): boolean {
  try {
    return hasKnownForm(ctx.originalUrl) && typeof ctx.path === 'string';
  } catch {
    return false;
  }
}

/** @throws BadRequestError if the target of the request cannot be parsed. RFC 9112 §3.2 requires status 400 */
export function requireTarget(ctx: Context): void {
  if (!isReadable(ctx)) throw new BadRequestError('The request target cannot be read');
}

/** The path that a request was sent to, including the path under which its middleware is mounted. The target may be a whole URL: RFC 9112 §3.2.2 */
export function pathOf({ originalUrl }: Context): string {
  if (originalUrl.startsWith('/')) return originalUrl.replace(/[?#].*$/s, '');
  return URL.canParse(originalUrl) ? new URL(originalUrl).pathname : '';
}
