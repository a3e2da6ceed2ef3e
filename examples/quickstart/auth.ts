/** Authentication: of users by their session, of clients by their secret, of calls of the API by their access token. */
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

/** The server stores only the hash of a client's secret. */
const compare = (secret: string, app: App): boolean => matchesClientSecret(secret, app.secret_hash);

export function authentication(data: Data, server: Server<App, User>, tokens: TokenService<App, User>) {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, data.findUser(id) ?? false));
  return {
    /** Middleware that sets `ctx.state.user` to the user who is logged in, and adds `ctx.login`. */
    session: [auth.initialize(), auth.session()] as const,
    /** For the endpoints that clients call: token, introspection and revocation. */
    client: clientAuthentication<App>({
      server,
      methods: [clientSecretBasic({ compare }), clientSecretPost({ compare })],
      throttle: throttle(),
    }),
    /** For the API. */
    token: bearer({ verify: tokens.verify, realm: 'quickstart' }),
  };
}
