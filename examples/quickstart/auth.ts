/** Who is who, by passport: users by their session, clients by their secret, calls of the API by their access token. */
import passport from 'koa-passport';
import type { TokenService } from 'koauthorize/tokens';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';
import type { App, Data, User } from './data.js';

/** RFC 6749 §2.3.1: in the Basic header a client's ID and secret are form-encoded, which passport-http does not know. */
function decode(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}

export function authentication(data: Data, tokens: TokenService<App, User>) {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, data.findUser(id) ?? false));
  const basic = { realm: 'clients' };
  auth.use(new BasicStrategy(basic, (id, secret, done) => done(null, data.checkClient(decode(id), decode(secret)))));
  auth.use(new ClientPasswordStrategy((id, secret, done) => done(null, data.checkClient(id, secret))));
  auth.use(new BearerStrategy((token, done) => void tokens.verify(token).then((found) => done(null, found), done)));
  return {
    /** Middleware that finds out who is logged in, and gives `ctx.login`. */
    session: [auth.initialize(), auth.session()] as const,
    /** For the token endpoint. The error becomes `invalid_client` in koauthorize's error handler. */
    client: auth.authenticate(['basic', 'oauth2-client-password'], { session: false, failWithError: true }),
    /** For the API. */
    token: auth.authenticate('bearer', { session: false }),
  };
}
