/** Who acts for whom: `act` and `may_act`. @see RFC 8693 §4.1, §4.4 */
import type { Claims } from '../../types.js';
import { unacceptable } from './invalid.js';
import type { PresentedToken } from './presented.js';

/** The party that acts: the user or the client of an actor token, or the client that asks. */
export interface Actor {
  readonly sub: string;
  readonly client_id?: string | undefined;
  readonly iss?: string | undefined;
}

export function actorOf({ subject, clientID, issuer }: PresentedToken): Actor {
  return { sub: subject, client_id: clientID, iss: issuer };
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many actors the token has already. @throws TokenError for a malformed chain */
function depthOf(act: unknown): number {
  let depth = 0;
  for (let one = act; one !== undefined; one = one['act']) {
    if (!isObject(one)) throw unacceptable('subject_token is not valid', 'act is no object');
    depth += 1;
  }
  return depth;
}

/**
 * Checks whether the subject token lets this actor act. A token without `may_act` leaves it to the policy, `allow`.
 *
 * @throws TokenError if `may_act` names another actor
 * @see RFC 8693 §4.4
 */
export function requireMayAct({ claims = {} }: PresentedToken, actor: Actor): void {
  const named = claims['may_act'];
  if (named === undefined) return;
  const known: Claims = { ...actor };
  const isNamed =
    isObject(named) &&
    named['sub'] !== undefined &&
    Object.entries(named).every(([name, value]) => known[name] === value);
  if (isNamed) return;
  throw unacceptable('The actor may not act for the subject', 'may_act of subject_token names another actor', {
    may_act: named,
    actor,
  });
}

/**
 * The chain of actors, the newest first. Without a new actor (impersonation) it stays as it was, so that earlier actors are not lost.
 *
 * @param most the most actors that the chain may have
 * @throws TokenError
 */
export function chainOf({ claims = {} }: PresentedToken, actor: Actor | undefined, most: number): Claims | undefined {
  const earlier = claims['act'];
  const depth = depthOf(earlier) + (actor ? 1 : 0);
  if (depth > most)
    throw unacceptable('Too many have acted already', 'act has more levels than tokenExchange({ maxDepth })', {
      depth,
      most,
    });
  if (!actor) return earlier as Claims | undefined;
  const own = Object.entries(actor).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(own), ...(earlier !== undefined && { act: earlier }) };
}
