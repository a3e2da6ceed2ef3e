import type { Context } from 'koa';
import { AuthorizationError } from '../errors/authorization-error.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { warnOnce } from '../errors/warning.js';
import type { TransactionStore } from '../plugs.js';
import type { TransactionRecord } from '../types.js';
import { LIFETIME } from './answered.js';

/** How many dialogs may wait in one browser; the oldest goes first. */
const MOST = 8;

/**
 * Bytes of JSON that waiting dialogs may take of a cookie. Browsers keep 4,096 bytes of name, value and attributes, of which a
 * third is lost to base64; the rest is the application's.
 */
const COOKIE_ROOM = 2400;

type Records = Record<string, TransactionRecord>;

interface Session {
  [key: string]: unknown;
  /** koa-session: the key of the record in the server-side store; undefined when the cookie is all there is. */
  readonly externalKey?: string;
}

function sessionOf(ctx: Context): Session {
  const session: Session | null | undefined = ctx['session'];
  if (!session) throw new Error('OAuth 2.0 transactions need session support. Did you forget app.use(session(app))?');
  return session;
}

/** Where answers are kept: what an older version of this toolkit finds in the session is only what waits. */
function answersIn(key: string): string {
  return `${key}.answered`;
}

/** koa-session has the member in both modes, other session middleware has not. */
function isCookieOnly(session: Session): boolean {
  return 'externalKey' in session && session.externalKey === undefined;
}

function recordsOf(session: Session, key: string): Records | undefined {
  const records = session[key];
  return typeof records === 'object' && records !== null ? (records as Records) : undefined;
}

/** JSON orders integer-like keys first, so age is told by the record, and oauth2orize-koa's records, without one, are oldest. */
function byAge(records: Records): string[] {
  return Object.keys(records).sort((a, b) => (records[a]?.at ?? 0) - (records[b]?.at ?? 0));
}

/** Makes room for the newest: what does not fit goes, oldest first. */
function keepRecent(records: Records, newest: string, room: number): void {
  const oldestFirst = byAge(records).filter((id) => id !== newest);
  while (oldestFirst.length >= MOST || Buffer.byteLength(JSON.stringify(records)) > room) {
    const oldest = oldestFirst.shift();
    if (oldest === undefined) throw new AuthorizationError('The authorization request is too large', 'invalid_request');
    delete records[oldest];
  }
}

/** Answers that were kept so long ago are of no use. */
function isOld(kept: TransactionRecord, now: number): boolean {
  return now - (kept.at ?? 0) > LIFETIME;
}

/** Keeps what a dialog was answered with; not in a cookie, whose room is for what waits. */
function keep(ctx: Context, id: string, record: TransactionRecord, key: string): void {
  const session = sessionOf(ctx);
  if (isCookieOnly(session)) return;
  const kept = Object.entries(recordsOf(session, answersIn(key)) ?? {}).filter(
    ([, other]) => !isOld(other, record.at ?? 0),
  );
  session[answersIn(key)] = Object.fromEntries([...kept.slice(1 - MOST), [id, record]]);
}

function write(ctx: Context, id: string, record: TransactionRecord, key: string): void {
  const session = sessionOf(ctx);
  const records: Records = Object.assign(Object.create(null), recordsOf(session, key)); // as JSON has it, without a hidden class of V8's for each ID
  records[id] = record;
  keepRecent(records, id, isCookieOnly(session) ? COOKIE_ROOM : Number.POSITIVE_INFINITY);
  session[key] = records;
  if (!isCookieOnly(session)) return;
  warnOnce(
    'KOAUTHORIZE_COOKIE_SESSION',
    'Transactions wait in a cookie, which its owner can show again. Give koa-session a server-side store in production.',
  );
}

/**
 * Keeps waiting transactions in `ctx.session[sessionKey]`, as oauth2orize does: at most 8 of them, and no more than a cookie
 * can hold when the session is one.
 *
 * @example createServer({ transactions: sessionTransactions() }) // the default
 */
export function sessionTransactions(): TransactionStore {
  return {
    load(ctx, transactionID, { sessionKey }) {
      const records = recordsOf(sessionOf(ctx), sessionKey);
      if (!records) throw new ForbiddenError('Unable to load OAuth 2.0 transactions from session');
      for (const some of [records, recordsOf(sessionOf(ctx), answersIn(sessionKey))]) {
        if (some && Object.hasOwn(some, transactionID)) return some[transactionID];
      }
      return undefined;
    },
    store(ctx, transactionID, record, { sessionKey }) {
      if (record.answer === undefined) write(ctx, transactionID, record, sessionKey);
      else keep(ctx, transactionID, record, sessionKey);
    },
    update(ctx, transactionID, record, { sessionKey }) {
      const records = recordsOf(sessionOf(ctx), sessionKey);
      if (!records || !Object.hasOwn(records, transactionID)) {
        throw new ForbiddenError('Unable to load OAuth 2.0 transactions from session');
      }
      write(ctx, transactionID, record, sessionKey);
    },
    remove(ctx, transactionID, { sessionKey }) {
      const records = recordsOf(sessionOf(ctx), sessionKey);
      return records !== undefined && Object.hasOwn(records, transactionID) && delete records[transactionID];
    },
  };
}
