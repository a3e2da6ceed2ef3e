/** Who is logged in: koa-session, with the sessions in the storage and only their key in a cookie. How long a login lasts is decided here. */
import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import passport from 'koa-passport';
import session, { type CreateSessionOptions } from 'koa-session';
import type { Config } from './config.js';
import { type Documents, keyOf } from './storage/index.js';
import type { User, Users } from './users.js';

/** What pages find in `ctx.session`; null once it is ended. */
export interface WithSession {
  session: { readonly passport?: { readonly user?: string }; readonly externalKey?: string } | null;
}

/** Seconds after which one logs in again. */
const LIFETIME = 12 * 60 * 60;
/** Seconds. Nothing here keeps a session for who is not logged in; what you add may, and anyone can have any number of those. */
const ANONYMOUS = 10 * 60;

/** @param cookie the name of the cookie with the session's key */
function storeIn(documents: Documents, cookie: string): NonNullable<CreateSessionOptions['store']> {
  return {
    get: (key) => documents.get(keyOf('session', key)),
    set(key, session, maxAge, { ctx }) {
      // a session that the browser had already is only replaced: a page that is still loading at logout must not bring it back
      if (ctx.cookies.get(cookie) === key) return documents.replace(keyOf('session', key), session);
      return documents.set(keyOf('session', key), session, session.passport?.user ? maxAge / 1000 : ANONYMOUS);
    },
    async destroy(key) {
      await documents.remove(keyOf('session', key));
    },
  };
}

/**
 * Behind TLS the cookie is Secure and named __Host-, so that no neighbour below our domain can set it. SameSite is lax: with strict,
 * whoever comes from a client would not be logged in.
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

/** The middleware of every page: the session, then `ctx.state.user` and `ctx.login`. */
export function sessions(app: Koa, config: Config, documents: Documents, users: Users): readonly Middleware[] {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, users.find(id) ?? false));
  return [session(sessionOptions(config, documents), app), auth.initialize(), auth.session()];
}

/** koa-session's random key of this session: what is bound to it is found by this browser only. */
export function sessionKey(ctx: object): string {
  const { session } = ctx as WithSession;
  if (!session?.externalKey) throw new Error('There is no session here');
  return session.externalKey;
}

/**
 * Logs somebody in, in a new session: nothing from before the login counts after it, and nobody who gave the old session's key to this
 * browser is logged in, too.
 *
 * @param key of the new session
 */
export async function logIn(ctx: Context & WithSession, user: User, key: string): Promise<void> {
  if (ctx.session?.passport?.user === user.id && sessionKey(ctx) === key) return; // the form was sent twice
  ctx.state['newSessionKey'] = key;
  ctx.session = {};
  await ctx.login(user); // passport has koa-session make the new key
}
