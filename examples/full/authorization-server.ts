/** The authorization server: what it can do, and for whom. A grant or an extension more is a line of authorizationServer(). */
import {
  createServer,
  dpop,
  exchange,
  grant,
  type Introspect,
  jwtResponses,
  pkce,
  refreshTokenExpiration,
  requestObjects,
  resourceIndicators,
  type Server,
  scopes,
} from 'koauthorize';
import type { ClientAuthentication, Throttle } from 'koauthorize/client-auth';
import type { RotatingKeys, TokenService, VerifiedToken } from 'koauthorize/tokens';
import type { App, Clients } from './clients.js';
import type { Config } from './config.js';
import { apiOf, clientAuthenticationOf, tokensOf } from './credentials.js';
import type { Guard } from './rate-limits.js';
import { scopes as meanings, USUAL_SCOPE } from './scopes.js';
import type { Storage } from './storage/index.js';
import { transactionsIn } from './transactions.js';
import type { User, Users } from './users.js';

/** What the server is made of. */
export interface Parts {
  readonly config: Config;
  readonly storage: Storage;
  readonly clients: Clients;
  readonly users: Users;
  readonly keys: RotatingKeys;
  readonly guard: Guard;
  readonly throttle: Throttle;
}

export interface AuthorizationServer {
  readonly server: Server<App, User>;
  readonly tokens: TokenService<App, User>;
  readonly authenticateClient: ClientAuthentication;
  /** For the API: the token, if it counts, and its client and user are still there. */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** The same for introspection. */
  readonly introspect: Introspect<App>;
}

/**
 * The token service knows of no client or user that is gone, so what it says is asked for here. An API elsewhere that verifies JWTs by
 * itself learns of that when they expire.
 */
function stillThere({ clients, users }: Parts) {
  return async (clientID: string, subject: string | undefined): Promise<boolean> =>
    (await clients.find(clientID)) !== undefined && (subject === undefined || users.find(subject) !== undefined);
}

export function authorizationServer(parts: Parts): AuthorizationServer {
  const { config, storage, clients, keys } = parts;
  const tokens = tokensOf(parts);
  const isThere = stillThere(parts);
  const server = createServer<App, User>({
    issuer: config.issuer,
    clients,
    tokens,
    keys,
    transactions: transactionsIn(storage.documents),
  });
  const authenticateClient = clientAuthenticationOf(parts, server);
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(
      exchange.refreshToken({
        ...tokens.refreshToken,
        async redeem(refreshToken, request) {
          const granted = await tokens.refreshToken.redeem(refreshToken, request);
          return granted && (await isThere(granted.clientID, granted.subject)) ? granted : undefined;
        },
      }),
    )
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce({ allowMissing: (client: App) => client.pkce === 'may be missing' })) // see clients.ts for what that gives up
    .extend(scopes([...meanings.keys()], { default: USUAL_SCOPE }))
    .extend(dpop()) // tokens that only their client can use: RFC 9449
    .extend(requestObjects()) // signed requests: RFC 9101
    .extend(jwtResponses()) // signed responses: JARM
    .extend(resourceIndicators({ resources: { [apiOf(config)]: { scopes: [...meanings.keys()] } } })) // RFC 8707; another API is another line
    .extend(refreshTokenExpiration());
  if (config.legacy === 'allowed') {
    server.grant(grant.token(tokens.token)).exchange(exchange.password(tokens.password));
  }
  return {
    server,
    tokens,
    authenticateClient,
    async verify(accessToken) {
      const token = await tokens.verify(accessToken);
      return token && (await isThere(token.clientID, token.subject)) ? token : undefined;
    },
    async introspect(token, client, hint, inquiry) {
      const found = await tokens.introspect(token, client, hint, inquiry);
      return found.active && (await isThere(found.client_id, found.sub)) ? found : { active: false };
    },
  };
}
