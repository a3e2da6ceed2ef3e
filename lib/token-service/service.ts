import { EventEmitter } from 'node:events';
import type { TokenFacts } from '../connected-tokens.js';
import type { Credentials } from '../exchange/password.js';
import type { Finding } from '../findings.js';
import { OldestFirst } from '../oldest-first.js';
import type { AllowedInSession, LoginSession, PendingAuthorizations, Respond, ServerFacts } from '../plugs.js';
import type { TokenInquiry } from '../steps.js';
import type { Authorization, Client, IdentifiedBy, IssuedTokens, TokenRequest, Transaction } from '../types.js';
import type { Allowed } from './allowed.js';
import type { Service } from './audit.js';
import {
  type AuthorizationsOf,
  type ConnectedApp,
  listAuthorizations,
  revokeAll,
  revokeAuthorization,
} from './authorizations.js';
import { type CodeService, codeService } from './code.js';
import { issue, issueForPassword, issueToken } from './direct.js';
import { type EphemeralStore, ephemeralStore } from './ephemeral.js';
import type { TokenEventEmitter } from './events.js';
import { factsOf } from './facts.js';
import { GivenUp } from './given-up.js';
import { type Introspection, introspect, revoke, type VerifiedToken, verify } from './inspect.js';
import { allowedInSession, noteLogin } from './login-session.js';
import { useOnce } from './once.js';
import type { TokenServiceOptions } from './options.js';
import { pendingAuthorizations } from './pending.js';
import { type RefreshTokenService, refreshTokenService } from './refresh-token.js';
import { findingsOfService } from './relaxations.js';
import { asToken } from './secret.js';
import { settingsOf } from './settings.js';

/** Issues, rotates, revokes and introspects codes and tokens. It has one member for each grant and exchange, with the name of that grant or exchange. */
export interface TokenService<C, U> {
  /** For `grant.code` and `exchange.code`. */
  readonly code: CodeService<C, U>;
  /** For `grant.token`. Legacy: RFC 9700 §2.1.2. */
  readonly token: { issue(txn: Transaction<C, U>, authorization: Authorization): Promise<IssuedTokens> };
  /** For `exchange.refreshToken`. */
  readonly refreshToken: RefreshTokenService<C>;
  /** For `exchange.clientCredentials`. */
  readonly clientCredentials: { issue(request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens> };
  /** For `exchange.password`. Legacy: RFC 9700 §2.4. */
  readonly password: {
    issue(credentials: Credentials, request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens | undefined>;
  };
  /**
   * Issues tokens in answer to a token request that none of the members above answers: for your own exchanges.
   * It never issues more than the client's registration allows: no scope that the client did not register, and no refresh token if it registered
   * `grant_types` without `refresh_token`. Refresh tokens of public clients are bound to the key of the request.
   *
   * The caller must have verified who the user is, and that the user allows this.
   *
   * @param allowed who allows it: a `user`, or the `subject` that identifies a user; without either, the client acts for itself and gets no refresh token.
   * `scope` is what is allowed, by default all that the client may have without a user's consent. Further members of an Authorization are stored unchanged
   * @param request the request that the exchange was given. The access token gets its `scope`, `confirmation`, `audience`, `claims`, `notes` and `tokenType`
   * @param respond the function that `issue` of the exchange was given. It is called before anything is stored: if an extension throws, nothing is lost
   * @throws TokenError `invalid_scope` if no word of the allowed scope is left, `invalid_grant` if it was allowed to another client,
   * `unauthorized_client` if a public client would get tokens for itself
   * @throws Error if the subject is the identifier of a client, or a claim would replace one that only the server sets
   * @throws TypeError if `allowed` has a member that the service needs for itself, or a misspelt one, such as `scopes`
   * @example
   * const tickets: Exchange<App> = {
   *   name: 'urn:example:ticket',
   *   parse: (params) => ({ scope: scopeOf({ scope: params.get('scope') }) }),
   *   async redeem(request) {
   *     const user = await redeemTicket(request.params.get('ticket'), request.client);
   *     if (!user) throw new TokenError('Invalid ticket', 'invalid_grant');
   *     return { issue: (_check, respond) => tokens.issue({ user, scope: ['read'] }, request, respond) };
   *   },
   * };
   * server.extend({ name: 'tickets', exchanges: [tickets] });
   * @see RFC 6749 §4.5
   */
  issue(allowed: Allowed<U>, request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens>;
  /** Authorizations for clients that fetch their tokens later without an authorization code, such as devices. For extensions. */
  readonly pending: PendingAuthorizations<C, U>;
  introspect(token: string): Promise<Introspection>;
  /**
   * For the endpoint `introspection`.
   *
   * @param client the client that sends the request. A refresh token is active only for its own client. In the response about its own tokens, `sub` is the
   * identifier by which that client knows the user; in others it is the subject
   * @param hint is ignored: the token itself shows its kind
   * @param inquiry what extensions require of the response
   */
  introspect(token: string, client: C, hint?: string, inquiry?: TokenInquiry): Promise<Introspection>;
  /** For the endpoint `revocation`. */
  revoke(token: string, client: C): Promise<void>;
  /**
   * For an API in the same process. If you call it without `bearer`, you must check the `confirmation` of a token yourself, or refuse such tokens.
   *
   * @param ctx the request with the token: if the token is not valid, the refusal of that request says why
   */
  verify(accessToken: string, ctx?: unknown): Promise<VerifiedToken | undefined>;
  /** The authorizations of a user, for a "connected apps" page. */
  listAuthorizations(user: U): Promise<readonly ConnectedApp[]>;
  /** Ends one of a user's authorizations. @returns whether the user has it */
  revokeAuthorization(user: U, authorizationID: string): Promise<boolean>;
  /**
   * Ends all authorizations of a user, of a client, or of one user at one client: for an account that is closed, a client that is removed, or "sign out
   * everywhere". Codes that are being redeemed and tokens that are being refreshed at that moment end, too. For a client, it may read the whole store.
   *
   * Tokens that a client gets at that moment for itself, or by token exchange, may be left. So remove a client first from where it is found, so that it cannot
   * get any more tokens, and then call this. Tokens that a service got by token exchange are a part of the authorization that the user gave to another client.
   * They end with that one; and also with a call for the service, or for the user and the service, which does not end the authorization and does not count them.
   *
   * @returns how many authorizations were ended
   * @example await tokens.revokeAll({ user });
   * @example await tokens.revokeAll({ client });
   */
  revokeAll(whose: AuthorizationsOf<C, U>): Promise<number>;
  /** The authorizations that a user has given in a login session (`sessionID` of the login), and a function that ends them at the logout. */
  allowedInSession(session: LoginSession): Promise<AllowedInSession>;
  /** Remembers for a day that a user has logged in to a client that was given neither code nor token, so that `allowedInSession` names this client, too. */
  noteLogin(login: LoginSession & { readonly clientID: string }): Promise<void>;
  /**
   * For values that may be used once and that others make, such as the `jti` of a client's assertion: resolves to `true` for exactly one of the callers with
   * the same key, in whatever process, and to `false` for all callers once the key has expired.
   *
   * @param key identifies the value: a name of your own, what makes the value unique, and the value, as in `JSON.stringify(['my-grant', clientID, jti])`
   * @param expiresAt epoch seconds until which the use must be remembered
   */
  useOnce(key: string, expiresAt: number): Promise<boolean>;
  /** Keeps values until they expire, for all processes: for extensions. */
  readonly ephemeral: EphemeralStore;
  /**
   * Takes from a server what the options lack: issuer and keys for `jwt()`, how clients are found and identified, the subjects and logins of users, and the
   * time. `createServer({ tokens })` calls it. The members are read when they are needed, so they may be configured later. If both the options and the server
   * have an issuer, keys, or an identifier of a client or user, they must be the same; `findClient` and `now` of the options take precedence.
   *
   * @throws Error if two servers have different issuers or keys, or another issuer has the same store without `partition()`. If the options differ from a
   * server, the error is thrown when the value is read, and names both
   * @example tokens.connect({ issuer: 'https://as.example', keys, subject: (user) => user.id });
   */
  connect(server: Partial<ServerFacts<C, U>>): void;
  /** Emits every decision that an audit log should have. No event contains a code or a token. */
  readonly events: TokenEventEmitter;
  /** The lifetimes and the audience of the tokens of a client; without a client, the defaults. */
  facts(client?: C): TokenFacts;
  /** Whether the options say how users log in: `authenticationEvent`. */
  readonly knowsLogins: boolean;
  /** The relaxations among the options, for the report of `server.check()`. */
  findings(): readonly Finding[];
  /** Closes the store. */
  close(): Promise<void>;
}

/**
 * Makes a token service: it issues and stores codes and tokens, which oauth2orize leaves to the application. Pass its members to grants and exchanges.
 *
 * @throws TypeError for invalid options. Errors of the store become StoreUnavailableError: the client gets 503
 * @example
 * const tokens = tokenService<App, User>({ store: memoryStore() });
 * server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).exchange(exchange.refreshToken(tokens.refreshToken));
 * @see RFC 6749 §10.3 to §10.5, RFC 9700 §2.2, §4.14
 */
export function tokenService<C = Client, U = unknown>(
  options: TokenServiceOptions<C, U> & IdentifiedBy<C>,
): TokenService<C, U> {
  const settings = settingsOf(options);
  const ephemeral = ephemeralStore(settings.store, settings.now);
  const service: Service<C, U> = {
    settings,
    events: new EventEmitter(),
    givenUp: new GivenUp(),
    interrupted: new GivenUp(),
    countedHere: new OldestFirst(),
  };
  return {
    code: codeService(service),
    token: { issue: (txn, authorization) => issueToken(service, txn, authorization) },
    refreshToken: refreshTokenService(service),
    clientCredentials: { issue: (request, respond) => issue(service, {}, request, respond) },
    pending: pendingAuthorizations(service),
    issue: (allowed, request, respond) => issue(service, allowed, request, respond),
    password: { issue: (credentials, request, respond) => issueForPassword(service, credentials, request, respond) },
    introspect: (token: string, client?: C, _hint?: string, inquiry?: TokenInquiry) =>
      introspect(service, asToken(token), { client, tellsExpiration: inquiry?.tellsExpiration }),
    revoke: (token, client) => revoke(service, asToken(token), client),
    verify: (accessToken, ctx) => verify(service, asToken(accessToken), ctx),
    listAuthorizations: (user) => listAuthorizations(service, user),
    revokeAuthorization: (user, authorizationID) => revokeAuthorization(service, user, authorizationID),
    revokeAll: (whose) => revokeAll(service, whose),
    noteLogin: (login) => noteLogin(service, login),
    allowedInSession: (session) => allowedInSession(service, session),
    ephemeral,
    useOnce: (key, expiresAt) => useOnce(ephemeral, settings.now(), key, expiresAt),
    connect: (server) => settings.connect(server),
    facts: (client) => factsOf(options, settings, client),
    knowsLogins: options.authenticationEvent !== undefined,
    findings: () => findingsOfService(options, settings),
    events: service.events,
    close: () => settings.store.close(),
  };
}
