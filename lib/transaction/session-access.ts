/** Reads the session of koa-session and other middleware: whether it is kept in a cookie, and how much room the cookie has. */
import type { Context } from 'koa';
import type { SessionTransaction } from './session-transaction.js';

export interface Session {
  [key: string]: unknown;
  /** koa-session: the key in the server-side store; undefined if the session is kept in the cookie. */
  readonly externalKey?: string;
  toJSON?(): object;
}

/** The options of koa-session, in `ctx.sessionOptions`. */
interface SessionOptions {
  readonly key?: string;
  encode?(data: object): string;
}

/** @throws Error if the request has no session */
export function sessionOf(ctx: Context): Session {
  const session: Session | null | undefined = ctx['session'];
  if (!session) throw new Error('OAuth 2.0 transactions need session support. Did you forget app.use(session(app))?');
  return session;
}

/** The key of a session that is kept on the server: koa-session has `externalKey`, koa-generic-session has `ctx.sessionId`. */
export function sessionKeyIn(ctx: Context, session: Session): string | undefined {
  const key = session.externalKey ?? ctx['sessionId'];
  return typeof key === 'string' ? key : undefined;
}

/** Whether koa-session keeps this session in the cookie. Only koa-session has the member `externalKey`. */
export function isKoaSessionCookie(session: Session): boolean {
  return 'externalKey' in session && session.externalKey === undefined;
}

function dataOf(session: Session): object {
  return session.toJSON?.() ?? session;
}

/**
 * Whether a session may be kept in a cookie. Session middleware other than koa-session does not say so: there it is assumed, unless the
 * session contains more than the cookies of the request could hold.
 */
export function isInCookie(ctx: Context, session: Session): boolean {
  if (sessionKeyIn(ctx, session) !== undefined) return false;
  if (isKoaSessionCookie(session)) return true;
  const sent = ctx.get('Cookie').length;
  return sent === 0 || Buffer.byteLength(JSON.stringify(dataOf(session))) <= sent;
}

/** RFC 6265 §6.1: the size of name, value and attributes that every browser accepts. */
const MAX_COOKIE_BYTES = 4096;
/** The part of it that is reserved for `path`, `domain`, `expires`, `samesite`, `secure` and `httponly`. */
const ATTRIBUTE_BYTES = 160;

/** The encoding of koa-session and cookie-session. */
function base64(data: object): string {
  return Buffer.from(JSON.stringify(data)).toString('base64');
}

/** Whether the whole session fits into a cookie: these records, and everything that the application keeps in it. */
export function fitsInCookie(ctx: Context, session: Session, key: string, records: object): boolean {
  const { key: name = 'session', encode = base64 }: SessionOptions = ctx['sessionOptions'] ?? {};
  const ends = { _expire: 9_999_999_999_999, _maxAge: 999_999_999 }; // koa-session adds these members when it writes the cookie
  const value = encode(Object.assign({}, dataOf(session), ends, { [key]: records }));
  return name.length + Buffer.byteLength(value) + ATTRIBUTE_BYTES <= MAX_COOKIE_BYTES;
}

export type Records<V = SessionTransaction> = Record<string, V>;

export function recordsOf<V = SessionTransaction>(session: Session, key: string): Records<V> | undefined {
  const records = session[key];
  return typeof records === 'object' && records !== null ? (records as Records<V>) : undefined;
}
