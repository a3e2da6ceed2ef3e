import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';

/**
 * RFC 9112 §3.2: a path, `*`, or an absolute URI of http, without white space and without a fragment. RFC 9113 §8.3.1 has the same for
 * `:path`. Looked at before Node's parser, which warns of some targets on stderr, and quotes them with all that is in their query.
 */
function hasKnownForm(target: string): boolean {
  if (/[\s#]/.test(target)) return false;
  return target.startsWith('/') || target === '*' || (/^https?:\/\//i.test(target) && URL.canParse(target));
}

/** Whether Koa can read the target: for some, such as `http://[::1/`, `ctx.path` and `ctx.query` throw, or are null. */
function isReadable(ctx: Context): boolean {
  try {
    return hasKnownForm(ctx.originalUrl) && typeof ctx.path === 'string';
  } catch {
    return false;
  }
}

/** @throws BadRequestError for a request whose target cannot be read: RFC 9112 §3.2 has 400 for it */
export function requireTarget(ctx: Context): void {
  if (!isReadable(ctx)) throw new BadRequestError('The request target cannot be read');
}
