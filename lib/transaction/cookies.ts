import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { requireNoOptions } from '../options.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import type { TransactionRecord } from '../types.js';
import { DIALOG_LIFETIME } from './answered.js';
import { MAX_WAITING } from './session.js';
import { cookiesOf, signedValue } from './signed-cookie.js';

/**
 * The most bytes of all transaction cookies of a browser. It sends them with each request, as well as the session, and many proxies accept only 8 KB of
 * headers.
 */
const MAX_COOKIE_BYTES = 4096;
/** Bytes that Koa's signature cookie adds to each cookie: its value, `.sig` and separators, without the name, which is counted separately. */
const SIGNATURE_BYTES = 40;

/**
 * The most cookies that one request verifies or deletes. A browser has fewer. A stranger can send a hundred: each costs the verification of a signature, and
 * its deletion costs another signature and two headers.
 */
const MAX_TOUCHED = 2 * MAX_WAITING;
/** The part of a cookie's name after the prefix: a part of a hash. */
const HASH = /^[\w-]{22}$/;

const nameOf = (ctx: Context, { sessionKey }: TransactionOptions): string => {
  const host = ctx.secure ? '__Host-' : ''; // a server on a sibling subdomain cannot set such a cookie
  return `${host}${sessionKey}.`;
};

/** The name contains a hash of the dialog's ID, since the ID itself is the CSRF token. */
function cookieOf(ctx: Context, transactionID: string, options: TransactionOptions): string {
  return nameOf(ctx, options) + hash('sha256', transactionID, 'base64url').slice(0, 22);
}

function read(ctx: Context, cookie: string): TransactionRecord | undefined {
  const value = signedValue(ctx, cookiesOf(ctx), cookie);
  return value ? (JSON.parse(Buffer.from(value, 'base64url').toString()) as TransactionRecord) : undefined;
}

function write(ctx: Context, cookie: string, value: string | null): void {
  const { secure } = ctx;
  const lifetime = value === null ? {} : { maxAge: DIALOG_LIFETIME * 1000 };
  ctx.cookies.set(cookie, value, {
    signed: true,
    secure,
    httpOnly: true,
    sameSite: 'lax',
    overwrite: true,
    ...lifetime,
  });
}

interface Waiting {
  readonly cookie: string;
  readonly at: number;
  readonly bytes: number;
}

const bytesOf = (cookie: string, value: string): number => 2 * cookie.length + value.length + SIGNATURE_BYTES;

/** When a dialog began, by its cookie, which is not verified here; 0 if the cookie cannot be read. */
function timeIn(value: string): number {
  try {
    const { at } = Object(JSON.parse(Buffer.from(value, 'base64url').toString()));
    return Number.isFinite(at) ? at : 0;
  } catch {
    return 0;
  }
}

const newestFirst = (a: Waiting, b: Waiting): number => b.at - a.at;

/**
 * The transactions that wait in this browser, newest first; cookies that this server has not signed come last. If there are too many, only those with the
 * latest times are verified, because verifying a signature costs more than reading a time. If another host of the domain has planted many cookies with late
 * times, the cookies of older dialogs are not considered, and stay.
 */
function waitingIn(ctx: Context, options: TransactionOptions): Waiting[] {
  const prefix = nameOf(ctx, options);
  const cookies = cookiesOf(ctx);
  const ours = [...cookies].filter(([name]) => name.startsWith(prefix) && HASH.test(name.slice(prefix.length)));
  const known = ours.map(([cookie, value]) => ({ cookie, at: timeIn(value), bytes: bytesOf(cookie, value) }));
  const newest = known.sort(newestFirst).slice(0, MAX_TOUCHED);
  const isSigned = ({ cookie }: Waiting): boolean => signedValue(ctx, cookies, cookie) !== undefined;
  return newest.map((one) => (isSigned(one) ? one : { ...one, at: 0 })).sort(newestFirst);
}

/**
 * Keeps each waiting transaction in a signed cookie of its own. It is for applications that keep their sessions in a cookie: concurrent
 * authorization requests do not overwrite each other's transactions, they take no room in the session, and a login that renews the
 * session does not lose them. It needs `app.keys`.
 *
 * As with every session in a cookie, the user can send an old cookie again. A process refuses dialogs that it has answered itself, but
 * cannot recognize those that another process has answered.
 *
 * @example createServer({ transactions: cookieTransactions() })
 * @see RFC 6265 §6.1
 */
export function cookieTransactions(...noOptions: readonly []): TransactionStore {
  requireNoOptions(noOptions, 'cookieTransactions');
  return {
    isBounded: true,
    load: (ctx, transactionID, options) => read(ctx, cookieOf(ctx, transactionID, options)),
    store(ctx, transactionID, record, options) {
      if (record.answer !== undefined) return; // the room is for waiting transactions: each process keeps its answers in memory
      const cookie = cookieOf(ctx, transactionID, options);
      const value = Buffer.from(JSON.stringify(record)).toString('base64url');
      let [count, bytes] = [1, bytesOf(cookie, value)];
      if (bytes > MAX_COOKIE_BYTES)
        throw reasoned(
          new AuthorizationError('The authorization request is too large for a cookie', 'invalid_request'),
          'The transaction must fit into one cookie',
          { bytes, room: MAX_COOKIE_BYTES },
        );
      for (const other of waitingIn(ctx, options)) {
        if (other.cookie === cookie) continue;
        count += 1;
        bytes += other.bytes;
        if (count > MAX_WAITING || bytes > MAX_COOKIE_BYTES) write(ctx, other.cookie, null);
      }
      write(ctx, cookie, value);
    },
    update(ctx, transactionID, record, options) {
      const cookie = cookieOf(ctx, transactionID, options);
      if (read(ctx, cookie)) return this.store(ctx, transactionID, record, options);
    },
    remove(ctx, transactionID, options) {
      const cookie = cookieOf(ctx, transactionID, options);
      if (!read(ctx, cookie)) return false;
      write(ctx, cookie, null);
      return true;
    },
  };
}
