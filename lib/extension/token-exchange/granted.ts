/** What the new token gets: never more than the subject token allows. */
import { isDeepStrictEqual } from 'node:util';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { isAbsoluteURI } from '../../syntax/absolute-uri.js';
import { among, firstBeyond } from '../../syntax/scope.js';
import type { Claims, Scope, TokenRequest } from '../../types.js';
import { invalidTarget, unacceptable } from './invalid.js';
import type { AllowedExchange, AskedExchange } from './options.js';
import type { PresentedToken } from './presented.js';

/**
 * The scope of the new token.
 *
 * @param further words that it may have in addition to those of the subject token
 * @throws TokenError `invalid_scope` if no word is left: some APIs may accept a token without a scope for everything
 */
export function scopeOfExchange<C>(
  { subject, scope: asked }: AskedExchange<C>,
  { scope: allowed }: AllowedExchange,
  further: Scope = [],
): Scope {
  const own = subject.scope ?? allowed ?? [];
  const most = [...new Set([...own, ...further])];
  const usual = asked ? most : own;
  const granted = allowed ? among(allowed, most) : usual;
  const scope = asked ? among(granted, asked) : granted;
  const isPlain = subject.scope?.length === 0 && !asked?.length;
  if (scope.length > 0 || isPlain) return scope;
  const error = new TokenError('Nothing of the scope can be had', 'invalid_scope');
  throw reasoned(error, 'The subject token, the result of allow and the request have no scope word in common', {
    subject_token: subject.scope,
    allowed,
    asked,
  });
}

/** @throws OAuth2Error `invalid_target`. @see RFC 8693 §2.1 */
export function requireURIs(resources: readonly string[]): void {
  const other = resources.find((one) => !isAbsoluteURI(one));
  if (other !== undefined) throw invalidTarget('resource is no absolute URI without a fragment', { came: other });
}

/**
 * The APIs of the new token; undefined if neither the subject token, nor the request, nor `allow` names any. A subject token without an audience is refused by
 * APIs that compare it (`bearer({ audience })`), so an exchange must not turn it into a token that they accept.
 *
 * @throws OAuth2Error `invalid_target` for an API that the subject token is not for
 * @see RFC 8693 §2.1.1, §2.2.2
 */
export function audienceOfExchange<C>(
  { subject, audience, resource }: AskedExchange<C>,
  { audience: allowed, allowFurtherAudience: further = [] }: AllowedExchange,
): readonly string[] | undefined {
  const asked = [...new Set([...resource, ...audience])];
  const wanted = allowed ?? (asked.length > 0 ? asked : subject.audience);
  const other = wanted && firstBeyond(wanted, [...(subject.audience ?? []), ...further]);
  if (other !== undefined)
    throw invalidTarget('The subject token is not for it, and allowFurtherAudience of allow does not have it', {
      wanted: other,
      subject_token: subject.audience,
    });
  if (wanted?.length === 0) throw invalidTarget('allow returned an empty audience');
  return wanted;
}

/** Epoch seconds at which the new token must expire at the latest. */
export function endOfExchange(
  { expiresAt }: PresentedToken,
  { lifetime }: AllowedExchange,
  now: number,
): number | undefined {
  const ends = [expiresAt, lifetime === undefined ? undefined : now + lifetime].filter((end) => end !== undefined);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/**
 * A token that is bound to a key can be exchanged only with a proof of that key, and the new token is bound, too.
 *
 * @throws TokenError. @see RFC 7800 §3.1, RFC 9449 §5, RFC 8705 §3
 */
export function requireKeys<C>(
  { confirmation = {} }: PresentedToken,
  { confirmation: proved = {} }: TokenRequest<C>,
  mayBeOfOthers: boolean,
): void {
  const bound = Object.entries(confirmation);
  if (bound.length === 0) return;
  const known = new Map<string, unknown>(Object.entries(proved));
  const isProved = bound.every(([member, value]) => known.get(member) === value);
  if (isProved || (mayBeOfOthers && known.size > 0)) return;
  throw unacceptable(
    'The token is bound to a key that was not proved',
    'cnf of the token is not what the request has proved',
    {
      cnf: confirmation,
      proved,
    },
  );
}

/** The details of the new token: those of the subject token, or the elements of them that `allow` names. @see RFC 9396 */
export function detailsOfExchange(
  { claims = {} }: PresentedToken,
  { authorizationDetails: allowed }: AllowedExchange,
): unknown {
  const most = claims['authorization_details'];
  if (!allowed || !Array.isArray(most)) return most;
  const left = [...allowed];
  return most.filter((one) => {
    const index = left.findIndex((other) => isDeepStrictEqual(one, other));
    // each element of `allow` stands for one: of two equal payments in the token, only one is kept
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/**
 * The claims of the new token. `act` is never taken from `allow`, even if the new token names no actor. `may_act` stays as it was: an exchange must not let
 * other actors act.
 */
export function claimsOfExchange(
  { claims: earlier = {} }: PresentedToken,
  { claims }: AllowedExchange,
  act: Claims | undefined,
): Claims {
  const mayAct = earlier['may_act'];
  const { act: _, ...further } = claims ?? {};
  return { ...further, ...(mayAct !== undefined && { may_act: mayAct }), ...(act && { act }) };
}
