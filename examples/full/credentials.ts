/** The tokens that are issued, and the methods of client authentication. To add a method, add a line here. */
import { type Server, TokenError } from 'koauthorize';
import {
  type ClientAuthentication,
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  matchesClientSecret,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { jwt, type TokenService, tokenService } from 'koauthorize/tokens';
import type { Parts } from './authorization-server.js';
import type { App } from './clients.js';
import type { Config } from './config.js';
import { TooManyAttemptsError } from './rate-limits.js';
import type { User } from './users.js';

/** The API's identifier: the audience of the access tokens. */
export const apiOf = ({ issuer }: Config): string => `${issuer}/api`;

/**
 * Seconds. A JWT that an API verifies by itself cannot be revoked, so its lifetime is short. It is not shorter, since some clients treat a token of 600 s as
 * already expired.
 */
const ACCESS_TOKEN = 900;

/** Checks passwords for the legacy password grant, with the same limit on guesses as the login. */
function authenticate({ users, guard }: Parts) {
  return async (username: string, password: string, { client_id }: App): Promise<User | undefined> => {
    try {
      // ctx.ip would be the address of the client: guesses for one name must not block other users of the same client
      return await guard({ who: username, address: `${client_id} ${username}` }, () => users.check(username, password));
    } catch (cause) {
      if (!(cause instanceof TooManyAttemptsError)) throw cause;
      throw new TokenError('Too many attempts', 'temporarily_unavailable', undefined, 429, { cause });
    }
  };
}

export function tokensOf(parts: Parts): TokenService<App, User> {
  const { config, storage } = parts;
  return tokenService<App, User>({
    store: storage.tokens,
    lifetimes: { accessToken: ACCESS_TOKEN },
    accessTokens: jwt({ audience: [apiOf(config), config.issuer] }), // signed by the server; for the API, and for UserInfo
    authenticate: authenticate(parts),
  });
}

/** Client authentication. The server finds the clients for it. */
export function clientAuthenticationOf({ throttle }: Parts, server: Server<App, User>): ClientAuthentication {
  const compare = (secret: string, app: App): boolean =>
    matchesClientSecret(secret, app.secret_hash ?? app.client_secret_hash);
  return clientAuthentication<App>({
    server,
    methods: [clientSecretBasic({ compare }), clientSecretPost({ compare }), none(), privateKeyJwt()],
    throttle,
  });
}
