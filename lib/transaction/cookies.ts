import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import type { TransactionRecord } from '../types.js';
import { LIFETIME } from './answered.js';
import { MOST } from './session.js';

/** Bytes for all of them: a browser sends them beside the session with each request, and proxies take 8 KB of cookies at most. */
const ROOM = 4096;
/** Bytes of a signature, its name and what stands between cookies. */
const SIGNATURE = 40;

const nameOf = (ctx: Context, { sessionKey }: TransactionOptions): string => {
  const host = ctx.secure ? '__Host-' : ''; // no neighbour below the same domain can set it
  return `${host}${sessionKey}.`;
};

/** The dialog's ID is its CSRF token, so the name of its cookie does not tell it. */
function cookieOf(ctx: Context, transactionID: string, options: TransactionOptions): string {
  return nameOf(ctx, options) + hash('sha256', transactionID, 'base64url').slice(0, 22);
}

function read(ctx: Context, cookie: string): TransactionRecord | undefined {
  const value = ctx.cookies.get(cookie, { signed: true });
  return value ? (JSON.parse(Buffer.from(value, 'base64url').toString()) as TransactionRecord) : undefined;
}

function write(ctx: Context, cookie: string, value: string | null): void {
  const { secure } = ctx;
  const lifetime = value === null ? {} : { maxAge: LIFETIME * 1000 };
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

const bytesOf = (cookie: string, value: string): number => 2 * cookie.length + value.length + SIGNATURE;

/** What waits in this browser, the newest first. */
function waitingIn(ctx: Context, options: TransactionOptions): Waiting[] {
  const prefix = nameOf(ctx, options);
  const names = ctx
    .get('Cookie')
    .split(/; */)
    .map((pair) => pair.slice(0, pair.indexOf('=')));
  const ours = names.filter((name) => name.startsWith(prefix) && !name.endsWith('.sig'));
  const known = ours.map((cookie) => ({
    cookie,
    at: read(ctx, cookie)?.at ?? 0,
    bytes: bytesOf(cookie, ctx.cookies.get(cookie, { signed: false }) ?? ''),
  }));
  return known.sort((a, b) => b.at - a.at);
}

/**
 * Keeps each waiting transaction in a signed cookie of its own, for applications whose sessions are in a cookie: two authorization
 * requests at once do not overwrite each other, the session stays as small as the application makes it, and a login that renews the
 * session leaves what waits. Needs `app.keys`. Its owner can show a cookie again, as with every session in a cookie: that a dialog was
 * answered, each process knows only of itself.
 *
 * @example createServer({ transactions: cookieTransactions() })
 * @see RFC 6265 §6.1
 */
export function cookieTransactions(): TransactionStore {
  return {
    isBounded: true,
    load: (ctx, transactionID, options) => read(ctx, cookieOf(ctx, transactionID, options)),
    store(ctx, transactionID, record, options) {
      if (record.answer !== undefined) return; // the room is for what waits
      const cookie = cookieOf(ctx, transactionID, options);
      const value = Buffer.from(JSON.stringify(record)).toString('base64url');
      let [count, bytes] = [1, bytesOf(cookie, value)];
      if (bytes > ROOM)
        throw reasoned(
          new AuthorizationError('The authorization request is too large for a cookie', 'invalid_request'),
          'The dialog has to fit into one cookie',
          { bytes, room: ROOM },
        );
      for (const other of waitingIn(ctx, options)) {
        if (other.cookie === cookie) continue;
        count += 1;
        bytes += other.bytes;
        if (count > MOST || bytes > ROOM) write(ctx, other.cookie, null);
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
