/** What waits for an answer of the user, besides transactions: kept in the session of the browser that it was shown in. */
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import { DIALOG_LIFETIME } from './answered.js';
import { fitsInCookie, isInCookie, recordsOf, sessionOf } from './session-access.js';

/** So many pages of one kind may be open in one browser. */
const MOST = 3;

/** What every record has. JSON. */
export interface SessionRecord {
  /** When it was shown, in epoch seconds. */
  readonly at: number;
  /** The user to whom it was shown: nobody else can answer. */
  readonly subject: string;
}

/**
 * Keeps a record, and forgets the oldest ones where there are too many, or where the session is a cookie that has no room for them.
 *
 * @param key the member of the session
 * @param id by which it is taken: the CSRF token of its page
 * @throws BadRequestError for one that has no room in a session that is a cookie: browsers drop a cookie that is too large, and all that is in it
 */
export function keepRecord(ctx: Context, key: string, id: string, record: SessionRecord): void {
  const session = sessionOf(ctx);
  const earlier = Object.entries(recordsOf<SessionRecord>(session, key) ?? {}).sort(([, a], [, b]) => b.at - a.at);
  for (let kept = MOST - 1; kept >= 0; kept--) {
    const records = Object.fromEntries([[id, record], ...earlier.slice(0, kept)]);
    if (isInCookie(ctx, session) && !fitsInCookie(ctx, session, key, records)) continue;
    session[key] = records;
    return;
  }
  throw new BadRequestError('The session is a cookie, and has no room for what the user is asked');
}

/** Takes a record out of the session. @returns undefined if there is none, or it is too old */
export function takeRecord<R extends SessionRecord>(ctx: Context, key: string, id: string, now: number): R | undefined {
  const session = sessionOf(ctx);
  const records = recordsOf<R>(session, key);
  if (!records || !Object.hasOwn(records, id)) return undefined;
  const { [id]: record, ...others } = records;
  session[key] = others;
  return record && now - record.at <= DIALOG_LIFETIME ? record : undefined;
}
