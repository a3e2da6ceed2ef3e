/**
 * Why a verifier says that a token is not valid. It stands with the request and not in what the verifier gives, which is nothing: whoever calls a
 * verifier looks only whether it gives a token, and would let a reason in.
 */
import type { Context } from 'koa';
import { Reason } from '../errors/reason.js';
import { perRequest } from './per-request.js';

const WHY_INVALID = perRequest<Reason>('why-invalid');

/** What the last verifier that refused the token of this request has said of it. */
export const whyInvalid = WHY_INVALID.of;

/** @param ctx what a verifier is called with, which may be nothing, or the index of `map` */
function isContext(ctx: unknown): ctx is Context {
  return typeof ctx === 'object' && ctx !== null && 'req' in ctx;
}

/** The token; of a reason nothing, and it is kept for the operator. */
export function tokenOrWhy<T>(found: T | Reason, ctx: unknown): T | undefined {
  if (!(found instanceof Reason)) return found;
  if (isContext(ctx)) WHY_INVALID.set(ctx, found);
  return undefined;
}
