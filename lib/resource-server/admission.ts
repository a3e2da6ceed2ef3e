/**
 * What `bearer` tells the middleware behind it. Any middleware can write to `ctx.state.token`, so the token by which access is decided is stored where only
 * this package can reach it.
 */
import type { Context } from 'koa';
import type { AccessToken, ChallengeParams } from '../access-token.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { perRequest } from '../http/per-request.js';
import type { RefusalRule } from '../refusal-rule.js';
import type { Scope } from '../types.js';

/** A request that `bearer` let in. */
export interface Admission {
  readonly token: AccessToken;
  /** The scope that `bearer` itself requires. */
  readonly scope: Scope;
  /** The time in epoch seconds. */
  now(): number;
  /**
   * Answers the request with the challenges of this API. The challenge of the scheme that the request used has the error.
   *
   * @param params further parameters of the challenge with the error
   * @param rules the rules of the error, for the operator, if it is not an error of RFC 6750
   */
  refuse(error: OAuth2Error, params?: ChallengeParams, rules?: readonly RefusalRule[]): void;
}

const admissions = perRequest<Admission>('admission');

export const admit = admissions.set;

/**
 * The token of a request that `bearer` let in, for a middleware behind it that lets only some tokens through.
 *
 * @param by the name of that middleware, for the message
 * @throws Error if `bearer` did not run before. This mistake of the application lets nobody in
 * @example
 * export async function requireUser(ctx: Context, next: Next) {
 *   const { token, refuse } = admissionOf(ctx, 'requireUser');
 *   if (token.subject !== undefined) return next();
 *   refuse(new OAuth2Error('Only for users', 'insufficient_scope', undefined, 403));
 * }
 * @see RFC 6750 §3.1
 */
export function admissionOf(ctx: Context, by: string): Admission {
  const admission = admissions.of(ctx);
  if (!admission) throw new Error(`${by} needs bearer({ verify }) before it: this request has no access token`);
  return admission;
}
