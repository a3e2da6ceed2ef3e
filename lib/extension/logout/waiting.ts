/** Logout requests whose user is being asked. They are kept in the session of the browser that brought them. */
import type { Context } from 'koa';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { DIALOG_LIFETIME } from '../../transaction/answered.js';
import { fitsInCookie, isInCookie, recordsOf, sessionOf } from '../../transaction/session-access.js';

/** Member of the session. */
const KEY = 'logout';

/** So many pages may be open in one browser. */
const MAX_WAITING = 3;

/** What is kept of a request. JSON. */
export interface Waiting {
  /** Epoch seconds. */
  readonly at: number;
  /** The user who is asked: nobody else can answer. */
  readonly subject: string;
  readonly clientID?: string | undefined;
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}

/** @throws BadRequestError for one that has no room in a session that is a cookie: browsers drop a cookie that is too large, and all that is in it */
export function keepWaiting(ctx: Context, id: string, waiting: Waiting): void {
  const session = sessionOf(ctx);
  const earlier = Object.entries(recordsOf<Waiting>(session, KEY) ?? {}).sort(([, a], [, b]) => b.at - a.at);
  for (let kept = MAX_WAITING - 1; kept >= 0; kept--) {
    const records = Object.fromEntries([[id, waiting], ...earlier.slice(0, kept)]);
    if (isInCookie(ctx, session) && !fitsInCookie(ctx, session, KEY, records)) continue;
    session[KEY] = records;
    return;
  }
  throw new BadRequestError('The logout request is too large for the session in a cookie');
}

/** Takes a request that waits out of the session. @returns undefined if there is none, or it is too old */
export function takeWaiting(ctx: Context, id: string, now: number): Waiting | undefined {
  const session = sessionOf(ctx);
  const records = recordsOf<Waiting>(session, KEY);
  if (!records || !Object.hasOwn(records, id)) return undefined;
  const { [id]: waiting, ...others } = records;
  session[KEY] = others;
  return waiting && now - waiting.at <= DIALOG_LIFETIME ? waiting : undefined;
}
