/**
 * Protects the forms of the pages. Each form has a token, so that no other site can send it (CSRF), and so that a form that is sent twice is recognized.
 * Nothing is stored for the token: it consists of a random part, and a proof that only the server can make for this browser.
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

/** The fields of a form as strings. The body parser may have made objects or arrays of them. */
export function fieldsOf(body: unknown): Fields {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
}

/** The token for forms of a logged-in user. Its secret is the key of the session, so that it becomes invalid together with the session. */
export const csrfOf = (ctx: PageContext): string => tokenFor(sessionKey(ctx));

/** Whether a form was shown by this server in this session. */
export const isOwnForm = (ctx: PageContext, fields: Fields): boolean =>
  Boolean(ctx.state['user']) && isTokenFor(sessionKey(ctx), fields.get('csrf') ?? '');

/** The fields of a form that this server has shown in this session. @throws 403 for any other form, which errors.ts shows as a page */
export function requireOwnForm(ctx: Context & WithSession): Fields {
  const fields = fieldsOf((ctx.request as { body?: unknown }).body);
  if (!isOwnForm(ctx, fields)) ctx.throw(403);
  return fields;
}

/**
 * Milliseconds. The cookie lives longer than a browser's session: a telephone may close the browser while its user looks up the password in another app, and
 * the form must still be valid when the browser comes back.
 */
const COOKIE = 12 * 60 * 60 * 1000;

/** The prefix __Host- prevents that servers on sibling subdomains set the cookie. Only Secure cookies can have it. */
const loginCookie = ({ cookies }: PageContext): string => (cookies.secure ? '__Host-login' : 'login');

/**
 * The token for the login form. Its secret is in a cookie, and not in a session: anyone can load the form any number of times, and that must not fill the
 * storage.
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

/** Seconds within which the same form counts as one click: a double click, or a browser that repeats the request. */
const AGAIN = 60;

/** Makes secrets: always the same ones for the same form within a minute. @param what the purposes of the secret */
export type Once = (...what: readonly string[]) => string;

/**
 * Makes secrets for the action of a form, in all processes alike. If the form is sent again, the same secrets name the same object, so that it is created once.
 * A reader of the storage cannot compute the secrets: the storage has only one of their two parts, and only a hash of the other, which is the token of the
 * form.
 */
export async function onceFor(documents: Documents, fields: Fields): Promise<Once> {
  const token = fields.get('csrf') ?? '';
  const [key, mine] = [keyOf('form', token), random()];
  const half = (await documents.add(key, mine, AGAIN)) ? mine : ((await documents.get(key)) ?? mine);
  return (...what) => digest('once', String(half), token, ...what);
}
