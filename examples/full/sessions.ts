/** Login sessions, by koa-session: the sessions are in the storage, and only their key is in a cookie. This file sets their lifetime. */
import { hash, randomBytes } from 'node:crypto';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import passport from 'koa-passport';
import session, { type CreateSessionOptions } from 'koa-session';
import type { AuthenticationEvent } from 'koauthorize';
import type { Config } from './config.js';
import { type Documents, keyOf } from './storage/index.js';
import type { User, Users } from './users.js';

/** The content of `ctx.session`; null after the session was ended. */
export interface WithSession {
  session: {
    readonly passport?: { readonly user?: string };
    readonly externalKey?: string;
    /** How and when the user logged in. */
    login?: AuthenticationEvent;
    /** The ID of the passkey that was used, if one was. */
    passkey?: string;
  } | null;
}

/** Seconds after which a user must log in again. */
const LIFETIME = 12 * 60 * 60;
/**
 * Seconds for sessions of users who are not logged in, which an application may add data to. They must be short, since anyone can create any number of them.
 */
const ANONYMOUS = 10 * 60;

/** @param cookie the name of the cookie with the session's key */
function storeIn(documents: Documents, cookie: string): NonNullable<CreateSessionOptions['store']> {
  return {
    get: (key) => documents.get(keyOf('session', key)),
    set(key, session, maxAge, { ctx }) {
      // An existing session is only replaced: a page that is still loading at logout must not store it again
      if (ctx.cookies.get(cookie) === key) return documents.replace(keyOf('session', key), session);
      return documents.set(keyOf('session', key), session, session.passport?.user ? maxAge / 1000 : ANONYMOUS);
    },
    async destroy(key) {
      await documents.remove(keyOf('session', key));
    },
  };
}

/**
 * With TLS the cookie is Secure and its name begins with __Host-, so that servers on sibling subdomains cannot set it. SameSite is lax: with
 * strict, a user who comes from a client would not be logged in.
 */
function sessionOptions({ issuer }: Config, documents: Documents): CreateSessionOptions {
  const isSecure = issuer.startsWith('https:');
  const key = isSecure ? '__Host-session' : 'session';
  return {
    key,
    secure: isSecure,
    httpOnly: true,
    sameSite: 'lax',
    maxAge: LIFETIME * 1000,
    genid: ({ state }: Context) => state['newSessionKey'] ?? randomBytes(32).toString('base64url'),
    store: storeIn(documents, key),
  };
}

/** Adds to the user how and when they logged in, which ID tokens tell. */
const withLogin: Middleware = (ctx, next) => {
  const login = (ctx as unknown as WithSession).session?.login;
  if (ctx.state['user'] && login) ctx.state['user'] = { ...ctx.state['user'], login };
  return next();
};

/** The middleware of every page: the session, then `ctx.state.user` and `ctx.login`. */
export function sessions(app: Koa, config: Config, documents: Documents, users: Users): readonly Middleware[] {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, users.find(id) ?? false));
  return [session(sessionOptions(config, documents), app), auth.initialize(), auth.session(), withLogin];
}

/** koa-session's random key of this session. Data that is stored under it can be found only by this browser. */
export function sessionKey(ctx: object): string {
  const { session } = ctx as WithSession;
  if (!session?.externalKey) throw new Error('There is no session here');
  return session.externalKey;
}

/** The storage key of a session. @param key koa-session's key */
export const documentOf = (key: string): string => keyOf('session', key);

/** The `sid` of a session for clients. It does not disclose the key. @param key koa-session's key */
const sidOf = (key: string): string => hash('sha256', JSON.stringify(['sid', key]), 'base64url').slice(0, 22);

/** The `acr` of a login by password. `acr` and `amr` tell clients how the user logged in. @see OpenID Connect Core §2, RFC 8176 */
export const ACR = 'urn:example:password';
/** The `acr` of a login with a passkey in addition to the password: see passkeys.ts. */
export const PASSKEY_ACR = 'urn:example:passkey';

/**
 * Logs a user in, in a new session. The new session prevents session fixation: an attacker who planted the key of the old session in this browser must not be
 * logged in together with the user.
 *
 * @param key the key of the new session
 */
export async function logIn(ctx: Context & WithSession, user: User, key: string): Promise<AuthenticationEvent> {
  const known = ctx.session?.passport?.user === user.id && sessionKey(ctx) === key ? ctx.session.login : undefined;
  if (known) return known; // the form was sent twice
  ctx.state['newSessionKey'] = key;
  ctx.session = {};
  await ctx.login(user); // passport has koa-session make the new key
  const authenticatedAt = Math.floor(Date.now() / 1000);
  const login = { authenticatedAt, sessionID: sidOf(key), acr: ACR, amr: ['pwd'] };
  ctx.session.login = login;
  ctx.state['user'] = { ...user, login };
  return login;
}
