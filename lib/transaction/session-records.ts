/** Pages of extensions that wait for the user's answer, as dialogs do: kept in the session of the browser that shows the page. */
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import { isTemporary } from '../errors/to-oauth2-error.js';
import { DIALOG_LIFETIME } from './answered.js';
import { fitsInCookie, isInCookie, recordsOf, sessionOf } from './session-access.js';

/** The most pages of one kind that may be open in one browser. */
const MOST = 3;

/** The members of every record. JSON. */
export interface SessionRecord {
  /** When it was shown, in epoch seconds. */
  readonly at: number;
  /** The user to whom it was shown: nobody else can answer. */
  readonly subject: string;
}

/**
 * Keeps a record, and drops the oldest ones if there are too many, or if the session is kept in a cookie that has no room for them.
 *
 * @param key the member of the session
 * @param id the ID for `takeRecord`: the CSRF token of the page
 * @throws BadRequestError if the session is kept in a cookie that has no room for the record: browsers drop a cookie that is too large, with its whole content
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

/**
 * Does the work of an answer to a page whose record was taken. After a temporary failure (503) the record is put back, so that the user can send the same
 * answer again.
 */
export async function answering<T>(
  ctx: Context,
  key: string,
  [id, record]: readonly [id: string, record: SessionRecord],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTemporary(error)) keepRecord(ctx, key, id, record);
    throw error;
  }
}
