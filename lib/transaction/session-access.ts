/** The application's session, whatever middleware made it: where it is kept, and what room it has. */
import type { Context } from 'koa';
import type { TransactionRecord } from '../types.js';

export interface Session {
  [key: string]: unknown;
  /** koa-session: the key of the record in the server-side store; undefined when the cookie is all there is. */
  readonly externalKey?: string;
  toJSON?(): object;
}

/** What koa-session says of itself in `ctx.sessionOptions`. */
interface SessionOptions {
  readonly key?: string;
  encode?(data: object): string;
}

/** @throws Error when there is none */
export function sessionOf(ctx: Context): Session {
  const session: Session | null | undefined = ctx['session'];
  if (!session) throw new Error('OAuth 2.0 transactions need session support. Did you forget app.use(session(app))?');
  return session;
}

/** What names a session that is kept on the server: koa-session's key, koa-generic-session's ID. */
export function sessionKeyIn(ctx: Context, session: Session): string | undefined {
  const key = session.externalKey ?? ctx['sessionId'];
  return typeof key === 'string' ? key : undefined;
}

/** koa-session has the member in both modes, other session middleware has not. */
export function isKoaSessionCookie(session: Session): boolean {
  return 'externalKey' in session && session.externalKey === undefined;
}

function dataOf(session: Session): object {
  return session.toJSON?.() ?? session;
}

/**
 * Whether all of a session may be in a cookie. Of session middleware that does not say so, this is taken for granted until a session has
 * more in it than the browser has sent.
 */
export function isInCookie(ctx: Context, session: Session): boolean {
  if (sessionKeyIn(ctx, session) !== undefined) return false;
  const sent = ctx.get('Cookie').length;
  return isKoaSessionCookie(session) || sent === 0 || Buffer.byteLength(JSON.stringify(dataOf(session))) <= sent;
}

/** RFC 6265 §6.1: bytes of name, value and attributes of a cookie that browsers keep. */
const COOKIE = 4096;
/** Of those, for `path`, `domain`, `expires`, `samesite`, `secure` and `httponly`. */
const ATTRIBUTES = 160;

/** As koa-session and cookie-session have it. */
function base64(data: object): string {
  return Buffer.from(JSON.stringify(data)).toString('base64');
}

/** Whether a cookie can hold the whole session, with these records in it and all that the application keeps there. */
export function fitsInCookie(ctx: Context, session: Session, key: string, records: object): boolean {
  const { key: name = 'session', encode = base64 }: SessionOptions = ctx['sessionOptions'] ?? {};
  const ends = { _expire: 9_999_999_999_999, _maxAge: 999_999_999 }; // koa-session adds them
  const value = encode(Object.assign({}, dataOf(session), ends, { [key]: records }));
  return name.length + Buffer.byteLength(value) + ATTRIBUTES <= COOKIE;
}

export type Records<V = TransactionRecord> = Record<string, V>;

export function recordsOf<V = TransactionRecord>(session: Session, key: string): Records<V> | undefined {
  const records = session[key];
  return typeof records === 'object' && records !== null ? (records as Records<V>) : undefined;
}
