/** Who is who: users by their session, clients by their secret, calls of the API by their access token. */
import passport from 'koa-passport';
import type { Server } from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  matchesClientSecret,
} from 'koauthorize/client-auth';
import { bearer } from 'koauthorize/resource-server';
import type { TokenService } from 'koauthorize/tokens';
import type { App, Data, User } from './data.js';
import { throttle } from './throttle.js';

/** Of a client's secret only its hash is kept. */
const compare = (secret: string, app: App): boolean => matchesClientSecret(secret, app.secret_hash);

export function authentication(data: Data, server: Server<App, User>, tokens: TokenService<App, User>) {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, data.findUser(id) ?? false));
  return {
    /** Middleware that finds out who is logged in, and gives `ctx.login`. */
    session: [auth.initialize(), auth.session()] as const,
    /** For the token endpoint and its like. */
    client: clientAuthentication<App>({
      server,
      methods: [clientSecretBasic({ compare }), clientSecretPost({ compare })],
      throttle: throttle(),
    }),
    /** For the API. */
    token: bearer({ verify: tokens.verify, realm: 'quickstart' }),
  };
}
