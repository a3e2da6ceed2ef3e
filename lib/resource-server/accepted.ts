/** What `bearer` leaves for the middleware after it: `ctx.state.token` is the application's to read, and anybody's to write. */
import type { Context } from 'koa';
import { perRequest } from '../http/per-request.js';
import type { Scope } from '../types.js';
import type { AccessToken } from './access-token.js';
import type { ChallengeParams } from './challenge.js';

export interface Accepted {
  readonly token: AccessToken;
  /** What every challenge of this API says. */
  readonly params: ChallengeParams;
  /** What every token needs here. */
  readonly scope: Scope;
  /** The time in epoch seconds. */
  now(): number;
}

const accepted = perRequest<Accepted>('accepted');

export const accept = accepted.set;

/** @throws Error when no `bearer` ran before, which is the operator's mistake */
export function acceptedOf(ctx: Context, by: string): Accepted {
  const found = accepted.of(ctx);
  if (!found)
    throw new Error(`${by} stands before bearer({ verify }), or without it: there is no access token to look at`);
  return found;
}
