/** The authorization server: its features, and which clients may use them. To add a grant or an extension, add a line to authorizationServer(). */
import {
  authorizationDetails,
  type ClientRegistry,
  clientIDMetadata,
  createServer,
  type DocumentedClient,
  deviceAuthorization,
  dpop,
  type Extension,
  exchange,
  grant,
  jwtResponses,
  type LogoutPlug,
  logout,
  openid,
  pkce,
  refreshTokenExpiration,
  requestObjects,
  resourceIndicators,
  type Server,
  scopes,
  type TokenExchangeOptions,
  tokenExchange,
} from 'koauthorize';
import type { ClientAuthentication, Throttle } from 'koauthorize/client-auth';
import { publicFetch } from 'koauthorize/extending';
import { dpopProof, type Proof } from 'koauthorize/resource-server';
import { type RotatingKeys, storedTransactions, type TokenService } from 'koauthorize/tokens';
import { type Asked, openAsked } from './asked.js';
import { CLAIMS } from './claims.js';
import { type App, type Clients, isClientURL } from './clients.js';
import type { Config } from './config.js';
import { apiOf, clientAuthenticationOf, tokensOf } from './credentials.js';
import { decisionOf } from './decisions.js';
import { dynamicRegistration } from './dynamic-registration.js';
import { needsPasskey } from './passkeys.js';
import { payment } from './payments.js';
import type { Guard, StrangerLimits } from './rate-limits.js';
import { tellsRemembered } from './remembered.js';
import { API_SCOPES, scopes as meanings, USUAL_SCOPE } from './scopes.js';
import type { SessionList } from './session-list.js';
import { ACR, PASSKEY_ACR, type WithSession } from './sessions.js';
import { type StillThere, stillThere } from './still-there.js';
import type { Storage } from './storage/index.js';
import { claimsOf, type User, type Users } from './users.js';

/** The parts of which the server is made. */
export interface Parts {
  readonly config: Config;
  readonly storage: Storage;
  readonly clients: Clients;
  readonly users: Users;
  readonly sessionList: SessionList;
  readonly keys: RotatingKeys;
  readonly guard: Guard;
  readonly passkeyGuard: Guard;
  readonly throttle: Throttle;
  /** Rate limits for endpoints that anybody may call. */
  readonly limits: StrangerLimits;
  /** The store of clients that register themselves, if that is allowed. */
  readonly registered?: ClientRegistry | undefined;
}

export interface AuthorizationServer {
  readonly server: Server<App, User>;
  readonly tokens: TokenService<App, User>;
  /** For the pages that end a session: notifies the clients of that session. */
  readonly logouts: LogoutPlug<App, User>;
  /** CIBA requests that wait for users. */
  readonly asked: Asked;
  /** The accepted proofs of the key that a token is bound to. */
  readonly proofs: readonly Proof[];
  readonly authenticateClient: ClientAuthentication;
  /** Verifies access tokens, for the API. */
  readonly verify: StillThere['verify'];
  /** Looks tokens up, for introspection. */
  readonly introspect: StillThere['introspect'];
}

/** Requires a login before the dialog, even if the client asks for no ID token; and a passkey, if the client asks for one. */
const loginFirst: Extension<App, User> = {
  name: 'loginFirst',
  authorization: { prompt: async ({ user, req }) => (user && !needsPasskey(user, req) ? [] : ['login']) },
};

/** A service may exchange tokens of the clients that its registration names. The new token is valid for a minute, and names the service as the actor. */
const mayExchange: TokenExchangeOptions<App>['allow'] = ({ client, subject }) =>
  client.acts_for_users_of?.includes(subject.clientID ?? '') === true && { lifetime: 60 };

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** OpenID Connect: users log in to other applications with their account here. */
function openidOf({ config, users }: Parts, proofs: readonly Proof[]) {
  const byBrowser = ['id_token', 'id_token token', 'code id_token', 'code id_token token'] as const;
  return openid<App, User>({
    findUser: (id) => users.find(id),
    claims: claimsOf,
    claimsSupported: CLAIMS,
    acrValues: [ACR, PASSKEY_ACR],
    ...(config.legacy === 'allowed' && { responseTypes: byBrowser }),
    userinfo: { proofs },
  });
}

/** Makes a client from the document at its URL. Its home page is shown only if it is at the same host, since the author of the document could name any page. */
function toApp({ client_uri: uri, client_name: name, ...registration }: DocumentedClient): App {
  const { host } = new URL(registration.client_id);
  const isOwn = uri !== undefined && new URL(uri).host === host;
  return { ...registration, client_name: name ?? host, ...(isOwn && { client_uri: uri }) } as App;
}

/** Ends sessions, and notifies their clients. For a server on a loopback address, clients may be on loopback addresses, too. */
function logoutOf({ config, sessionList }: Parts): LogoutPlug<App, User> {
  return logout({
    url: '/end-session',
    fetch: publicFetch({ allowLoopback: LOOPBACK.test(config.issuer) }),
    async end(ctx) {
      const user: User = ctx.state['user'];
      await sessionList.end(user, user.login?.sessionID ?? '');
      (ctx as typeof ctx & WithSession).session = null;
    },
  });
}

export function authorizationServer(parts: Parts): AuthorizationServer {
  const { config, storage, clients, keys } = parts;
  const tokens = tokensOf(parts);
  const { verify, redeem, introspect } = stillThere({ ...parts, tokens });
  const server = createServer<App, User>({
    issuer: config.issuer,
    clients,
    tokens,
    keys,
    transactions: storedTransactions(storage.tokens),
    authenticationEvent: ({ login }) => login,
  });
  const authenticateClient = clientAuthenticationOf(parts, server);
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken({ ...tokens.refreshToken, redeem }))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce({ allowMissing: (client: App) => client.pkce === 'may be missing' })) // see clients.ts for what that gives up
    .extend(scopes([...meanings.keys()], { default: USUAL_SCOPE }))
    .extend(dpop()) // tokens that only their client can use: RFC 9449
    .extend(requestObjects()) // signed requests: RFC 9101
    .extend(jwtResponses()) // signed responses: JARM
    .extend(resourceIndicators({ resources: { [apiOf(config)]: { scopes: API_SCOPES } } })) // RFC 8707; another API is another line
    .extend(authorizationDetails<App, User>({ types: { payment } })) // what a scope cannot say: RFC 9396
    .extend(tokenExchange({ allow: mayExchange })) // services that call others for a user: RFC 8693
    .extend(deviceAuthorization({ decision: (_ctx, form) => decisionOf(form) })) // televisions and terminals: RFC 8628
    .extend(clientIDMetadata({ trusts: ({ href }) => isClientURL(href), client: toApp })) // clients that nobody has registered
    .extend(refreshTokenExpiration());
  if (config.legacy === 'allowed') {
    server.grant(grant.token(tokens.token)).grant('code token').exchange(exchange.password(tokens.password));
  }
  const { registered } = parts;
  if (registered) server.extend(dynamicRegistration(config, registered, clients)); // RFC 7591
  const proofs = [dpopProof({ baseURL: config.issuer, useOnce: tokens.useOnce })];
  const logouts = logoutOf(parts);
  const asked = openAsked(parts.users, storage.collections);
  server.extend(loginFirst).extend(tellsRemembered).extend(openidOf(parts, proofs)).extend(logouts).extend(asked.ciba);
  return {
    server,
    tokens,
    logouts,
    asked,
    proofs,
    authenticateClient,
    verify,
    introspect,
  };
}
