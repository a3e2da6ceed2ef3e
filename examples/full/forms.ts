/**
 * The forms of the pages. Each carries a token: no other site can send the form, and the same form sent twice is known again. Nothing is
 * stored for it: the token is a random part, and a proof that only the server and this browser can make.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { sessionKey, type WithSession } from './sessions.js';
import { type Documents, keyOf } from './storage/index.js';

const random = (): string => randomBytes(32).toString('base64url');
const digest = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url');

function tokenFor(secret: string): string {
  const form = randomBytes(16).toString('base64url');
  return `${form}.${digest('form', secret, form)}`;
}

function isTokenFor(secret: string, token: string): boolean {
  const [form = '', proof = ''] = token.split('.');
  // hashed once more, so that both have the same length
  return timingSafeEqual(Buffer.from(digest(proof)), Buffer.from(digest(digest('form', secret, form))));
}

type Fields = ReadonlyMap<string, string>;
type PageContext = Pick<Context, 'cookies' | 'state'> & WithSession;

/** What a body parser made of a form: strings, whatever else it may have made. */
export function fieldsOf(body: unknown): Fields {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
}

/** For forms of somebody who is logged in: the secret is the session's key, so the form ends with the session. */
export const csrfOf = (ctx: PageContext): string => tokenFor(sessionKey(ctx));

/** Whether a form is one of ours, that this session was shown. */
export const isOwnForm = (ctx: PageContext, fields: Fields): boolean =>
  Boolean(ctx.state['user']) && isTokenFor(sessionKey(ctx), fields.get('csrf') ?? '');

/** The fields of a form of ours. @throws 403, which errors.ts makes a page of */
export function requireOwnForm(ctx: Context & WithSession): Fields {
  const fields = fieldsOf((ctx.request as { body?: unknown }).body);
  if (!isOwnForm(ctx, fields)) ctx.throw(403);
  return fields;
}

/**
 * Milliseconds. Longer than a browser's session: a telephone ends the browser while its user looks up the password elsewhere, and the form that
 * comes back with the browser is still good.
 */
const COOKIE = 12 * 60 * 60 * 1000;

/** __Host-: no other host below our domain can set it. Only Secure cookies can be called so. */
const loginCookie = ({ cookies }: PageContext): string => (cookies.secure ? '__Host-login' : 'login');

/**
 * For the login form. Anyone can ask for any number of these, so the secret is in a cookie and not in a session: a stranger who only
 * looks leaves nothing in the storage.
 */
export function loginTokenOf(ctx: PageContext): string {
  const known = ctx.cookies.get(loginCookie(ctx), { signed: false });
  const secret = known ?? random();
  if (!known)
    ctx.cookies.set(loginCookie(ctx), secret, {
      path: '/',
      sameSite: 'lax',
      httpOnly: true,
      maxAge: COOKIE,
      signed: false,
      overwrite: true,
    });
  return tokenFor(secret);
}

export function isOwnLogin(ctx: PageContext, fields: Fields): boolean {
  const secret = ctx.cookies.get(loginCookie(ctx), { signed: false });
  return Boolean(secret) && isTokenFor(secret ?? '', fields.get('csrf') ?? '');
}

/** Seconds in which a form that comes again is taken for the same click: a double click, or a browser that tries again. */
const AGAIN = 60;

/** Gives secrets, the same ones each time that the same form is sent within a minute. @param what the secret is for */
export type Once = (...what: readonly string[]) => string;

/**
 * What is named by such a secret is made once, in whichever process, however often the form is sent. The storage has only half of what
 * they are made of, and its hash of the form's token is not the token: who reads the storage learns none of them.
 */
export async function onceFor(documents: Documents, fields: Fields): Promise<Once> {
  const token = fields.get('csrf') ?? '';
  const [key, mine] = [keyOf('form', token), random()];
  const half = (await documents.add(key, mine, AGAIN)) ? mine : ((await documents.get(key)) ?? mine);
  return (...what) => digest('once', String(half), token, ...what);
}
