import type { Context } from 'koa';
import { AuthorizationError } from '../errors/authorization-error.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { reasoned } from '../errors/reason.js';
import { warnOnce } from '../errors/warning.js';
import { requireNoOptions } from '../options.js';
import type { TransactionStore } from '../plugs.js';
import type { TransactionRecord } from '../types.js';
import { answerIDOf } from './answer.js';
import { DIALOG_LIFETIME } from './answered.js';
import {
  fitsInCookie,
  isInCookie,
  isKoaSessionCookie,
  type Records,
  recordsOf,
  type Session,
  sessionKeyIn,
  sessionOf,
} from './session-access.js';
import { fromSessionTransaction, type SessionTransaction, toSessionTransaction } from './session-transaction.js';
import { drop, type Shared, share } from './shared.js';

/** The most dialogs that may wait in one browser. A further one removes the oldest. */
export const MAX_WAITING = 8;

/** The session member for answers. It is not the one for transactions: version 0.1.0 would take an answer for a waiting transaction. */
function answersIn(key: string): string {
  return `${key}.answered`;
}

/** The IDs, oldest first by the times in the records: objects do not keep the order of integer-like keys. Records of oauth2orize-koa have no time. */
function byAge(records: Records): string[] {
  return Object.keys(records).sort((a, b) => (records[a]?.at ?? 0) - (records[b]?.at ?? 0));
}

/** Removes the oldest of the records so that the newest fits. @throws AuthorizationError if it does not fit even alone */
function makeRoom(records: Records, newest: string, fits: () => boolean, remove: (id: string) => void): void {
  const oldestFirst = byAge(records).filter((id) => id !== newest);
  while (oldestFirst.length >= MAX_WAITING || !fits()) {
    const oldest = oldestFirst.shift();
    if (oldest === undefined) {
      throw new AuthorizationError(
        'The authorization request is too large for the session in a cookie',
        'invalid_request',
      );
    }
    remove(oldest);
  }
}

/** The error if no dialog waits in the session. */
function noneWaiting(sessionKey: string): ForbiddenError {
  const error = new ForbiddenError('Unable to load OAuth 2.0 transactions from session');
  const why =
    'No dialog waits in this session: the dialog began in another session, or the session was lost or renewed';
  return reasoned(error, why, { sessionKey });
}

/** Writes to a session that is kept on the server. Concurrent requests of the session share its transactions. */
function writeShared(session: Session, sessionKey: string, id: string, record: SessionTransaction, key: string): void {
  const answers = recordsOf(session, answersIn(key)) ?? {};
  const always = (): boolean => true;
  share(session, sessionKey, key, (shared: Shared<SessionTransaction>) => {
    for (const other of Object.keys(shared.values)) {
      if (Object.hasOwn(answers, answerIDOf(other))) drop(shared, other); // another process has answered it
    }
    shared.gone.delete(id);
    shared.values[id] = record;
    makeRoom(shared.values, id, always, (oldest) => drop(shared, oldest));
  });
}

/** Writes to a session that only this request has, and that may have to fit into a cookie. */
function writeAlone(ctx: Context, session: Session, id: string, record: SessionTransaction, key: string): void {
  // only for speed, an object without a prototype: otherwise V8 would make a hidden class for each ID
  const records: Records = Object.assign(Object.create(null), recordsOf(session, key));
  records[id] = record;
  const inCookie = isInCookie(ctx, session);
  const fits = (): boolean => !inCookie || fitsInCookie(ctx, session, key, records);
  makeRoom(records, id, fits, (oldest) => delete records[oldest]);
  session[key] = records;
  if (!isKoaSessionCookie(session)) return;
  warnOnce(
    'KOAUTHORIZE_COOKIE_SESSION',
    'Transactions are kept in a cookie, which the user can send again after the dialog was answered. Give koa-session a server-side store in production.',
  );
}

function write(ctx: Context, id: string, record: TransactionRecord, key: string): void {
  const session = sessionOf(ctx);
  const sessionKey = sessionKeyIn(ctx, session);
  const kept = toSessionTransaction(record);
  if (sessionKey === undefined) writeAlone(ctx, session, id, kept, key);
  else writeShared(session, sessionKey, id, kept, key);
}

/** Keeps the answer to a dialog, unless the session is kept in a cookie: its room is for waiting transactions. */
function keep(ctx: Context, id: string, record: TransactionRecord, key: string): void {
  const session = sessionOf(ctx);
  const sessionKey = sessionKeyIn(ctx, session);
  if (isInCookie(ctx, session)) return;
  const member = answersIn(key);
  const isOld = ({ at = 0 }: SessionTransaction): boolean => (record.at ?? 0) - at > DIALOG_LIFETIME;
  const add = (answers: Records): void => {
    answers[id] = record;
    for (const other of byAge(answers).slice(0, -MAX_WAITING)) delete answers[other];
    for (const [other, kept] of Object.entries(answers)) if (isOld(kept)) delete answers[other];
  };
  if (sessionKey === undefined) {
    const answers = { ...recordsOf(session, member) };
    add(answers);
    session[member] = answers;
  } else share(session, sessionKey, member, ({ values }: Shared<SessionTransaction>) => add(values));
}

function remove(ctx: Context, id: string, key: string): boolean {
  const session = sessionOf(ctx);
  const records = recordsOf(session, key);
  const sessionKey = sessionKeyIn(ctx, session);
  if (sessionKey === undefined) return records !== undefined && Object.hasOwn(records, id) && delete records[id];
  return share(session, sessionKey, key, (shared) => drop(shared, id));
}

/**
 * Keeps waiting transactions in `ctx.session[sessionKey]`, as oauth2orize does. It keeps at most 8, and fewer if the session is kept in a
 * cookie that has no room for them.
 *
 * @example createServer({ transactions: sessionTransactions() }) // the default
 */
export function sessionTransactions(...noOptions: readonly []): TransactionStore {
  requireNoOptions(noOptions, 'sessionTransactions');
  return {
    isBounded: true,
    waiting: (ctx, { sessionKey }) => byAge(recordsOf(sessionOf(ctx), sessionKey) ?? {}),
    load(ctx, transactionID, { sessionKey }) {
      const session = sessionOf(ctx);
      const records = recordsOf(session, sessionKey);
      if (!records) throw noneWaiting(sessionKey);
      for (const some of [records, recordsOf(session, answersIn(sessionKey))]) {
        const kept = some && Object.hasOwn(some, transactionID) ? some[transactionID] : undefined;
        if (kept) return fromSessionTransaction(kept);
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
        throw noneWaiting(sessionKey);
      }
      write(ctx, transactionID, record, sessionKey);
    },
    remove: (ctx, transactionID, { sessionKey }) => remove(ctx, transactionID, sessionKey),
  };
}
