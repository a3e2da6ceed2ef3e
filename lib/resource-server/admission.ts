/**
 * What `bearer` tells the middleware behind it. `ctx.state.token` is there for the application, and any middleware can write to it; what decides
 * about access is kept where only this package finds it.
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
  /** The scope that `bearer` itself asks for. */
  readonly scope: Scope;
  /** The time in epoch seconds. */
  now(): number;
  /**
   * Answers the request with the challenges of this API, and the error in that of the scheme which the request used.
   *
   * @param params parameters of the challenge that go with the error
   * @param rules what the operator is told of the error, where it is not one of RFC 6750
   */
  refuse(error: OAuth2Error, params?: ChallengeParams, rules?: readonly RefusalRule[]): void;
}

const admissions = perRequest<Admission>('admission');

export const admit = admissions.set;

/**
 * What `bearer` found out about a request, for a middleware behind it that lets only some tokens through.
 *
 * @param by the name of that middleware, for the message
 * @throws Error when no `bearer` ran before: a mistake of the application, for which nobody is let in
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
