/**
 * Why a verifier refused a token. The reason is stored with the request, and the verifier returns undefined: a caller that only tests whether the verifier
 * returns something would take a returned reason for a valid token.
 */
import type { Context } from 'koa';
import { Reason } from '../errors/reason.js';
import { perRequest } from './per-request.js';

const WHY_INVALID = perRequest<Reason>('why-invalid');

/** The reason of the last verifier that refused the token of this request. */
export const whyInvalid = WHY_INVALID.of;

/** @param ctx the second argument of a verifier: possibly undefined, or the index of an array if the verifier is called by `map` */
function isContext(ctx: unknown): ctx is Context {
  return typeof ctx === 'object' && ctx !== null && 'req' in ctx;
}

/** The token, if it was found valid; otherwise undefined, and the reason is stored for the operator. */
export function tokenOrWhy<T>(found: T | Reason, ctx: unknown): T | undefined {
  if (!(found instanceof Reason)) return found;
  if (isContext(ctx)) WHY_INVALID.set(ctx, found);
  return undefined;
}
