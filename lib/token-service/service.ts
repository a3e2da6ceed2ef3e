import { EventEmitter } from 'node:events';
import type { TokenFacts } from '../connected-tokens.js';
import type { Credentials } from '../exchange/password.js';
import { type Finding, relaxationsOf } from '../findings.js';
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
import { RELAXATIONS } from './relaxations.js';
import { type Settings, settingsOf } from './settings.js';

/** Codes and tokens, issued, rotated, revoked and introspected: one member per slot, of the slot's name. */
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
   * Issues tokens in answer to a token request that has no slot above: for grants of your own, and for tokens that another server issued before.
   * It never gives more than the client's registration allows: no scope that it did not register, and no refresh token where it registered
   * `grant_types` without `refresh_token`. Refresh tokens of public clients are bound to the key of the request.
   *
   * What identifies the user, and that they allow this, is the caller's to have verified.
   *
   * @param allowed who allows it: a `user`, or the `subject` that stands for one; without either the client itself, which gets no refresh token. `scope`
   * is what is allowed, by default all that the client may have without a user's consent. Further members of an Authorization are kept, whole
   * @param request as the exchange was given it: what its `scope`, `confirmation`, `audience`, `claims`, `notes` and `tokenType` say of the access token
   * @param respond what `issue` of the exchange was given: an extension that throws then costs the client nothing
   * @throws TokenError `invalid_scope` where nothing that was allowed is left, `invalid_grant` where another client was allowed it,
   * `unauthorized_client` where a public client would be given tokens for itself
   * @throws Error where the subject is the identifier of a client, or a claim would replace one of the server's own
   * @throws TypeError where `allowed` has a member that the service needs for itself, or one whose name is nearly that of another, such as `scopes`
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
  /** What users have allowed clients that fetch their tokens later and hold no code for it, such as devices. For extensions. */
  readonly pending: PendingAuthorizations<C, U>;
  introspect(token: string): Promise<Introspection>;
  /**
   * For the endpoint `introspection`.
   *
   * @param client who asks: of a refresh token no other client is told, and as `sub` of its own tokens a client is told what it knows the user by; others
   * are told the subject
   * @param hint is not needed: a token says what it is
   * @param inquiry what extensions ask of the answer
   */
  introspect(token: string, client: C, hint?: string, inquiry?: TokenInquiry): Promise<Introspection>;
  /** For the endpoint `revocation`. */
  revoke(token: string, client: C): Promise<void>;
  /**
   * For an API in the same process. Where it is not given to `bearer`, a token with a `confirmation` is yours to compare, or to refuse.
   *
   * @param ctx the request that brought it: where the token is none, the refusal of that request says why
   */
  verify(accessToken: string, ctx?: unknown): Promise<VerifiedToken | undefined>;
  /** For a "connected apps" page. */
  listAuthorizations(user: U): Promise<readonly ConnectedApp[]>;
  /** Ends one of a user's authorizations, and says whether there was such a one. */
  revokeAuthorization(user: U, authorizationID: string): Promise<boolean>;
  /**
   * Ends all that a user has authorized, all of a client, or all of one user at one client: for an account that is closed, a client that is
   * removed, "sign out everywhere". What is on its way at that moment ends too: a code being redeemed, a refresh. Of a client it may read all
   * that is stored. What a client gets at that moment for itself, or by an exchange, may be left: a client that is to be removed is removed first
   * from where it is found, so that it can ask for nothing more, and its tokens are ended then.
   * What a service got by an exchange is a part of what a user has allowed another client, and ends with that: it is no authorization of a user at the service.
   *
   * @returns how many authorizations were ended
   * @example await tokens.revokeAll({ user });
   * @example await tokens.revokeAll({ client });
   */
  revokeAll(whose: AuthorizationsOf<C, U>): Promise<number>;
  /** What a user has allowed in a login session (`sessionID` of their login), by code, access token or refresh token; and its end, for a logout. */
  allowedInSession(session: LoginSession): Promise<AllowedInSession>;
  /** Remembers a client that a user has logged in at and that was given no code and no token, for a day: `allowedInSession` names it, too. */
  noteLogin(login: LoginSession & { readonly clientID: string }): Promise<void>;
  /**
   * For what may be used once and is not ours, such as the `jti` of a client's assertion: tells exactly one of those who use a key, in
   * whatever process, that it is the first, and nobody once it has expired.
   *
   * @param key what is used, with whatever makes it unique: the client, say
   * @param expiresAt epoch seconds until which it must be remembered
   */
  useOnce(key: string, expiresAt: number): Promise<boolean>;
  /** Keeps values for a while, in all processes: for extensions. */
  readonly ephemeral: EphemeralStore;
  /**
   * Learns from a server what the options do not say: issuer and keys for `jwt()`, how clients are found and identified, who a user is, how they
   * logged in, and the time. `createServer({ tokens })` calls it. Members are read when they are needed, so they may be said later. Where both are
   * told an issuer, keys, or what identifies a client or a user, they must say the same; `findClient` and `now` of the options win.
   *
   * @throws Error where two servers have different issuers or keys. What the options say differently throws when it is read: both are named
   * @example tokens.connect({ issuer: 'https://as.example', keys, subject: (user) => user.id });
   */
  connect(server: Partial<ServerFacts<C, U>>): void;
  /** Every decision worth an audit line; never with a code or a token in it. */
  readonly events: TokenEventEmitter;
  /** How long tokens live, and what they are for: for a client, or where nothing is said of one. */
  facts(client?: C): TokenFacts;
  /** What the options give up: for the report of `server.check()`. */
  findings(): readonly Finding[];
  /** Closes the store. */
  close(): Promise<void>;
}

/** @throws Error where no access token could be made */
function foundIn<C, U>(options: TokenServiceOptions<C, U>, { formats }: Settings<C, U>): readonly Finding[] {
  formats.ready();
  return relaxationsOf('tokenService', options, RELAXATIONS);
}

/**
 * What oauth2orize leaves to the implementor, to be plugged into the callback slots.
 *
 * @throws what the store throws comes out of the slots as StoreUnavailableError: 503 to the client
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
      introspect(service, token, { client, tellsExpiration: inquiry?.tellsExpiration }),
    revoke: (token, client) => revoke(service, token, client),
    verify: (accessToken, ctx) => verify(service, accessToken, ctx),
    listAuthorizations: (user) => listAuthorizations(service, user),
    revokeAuthorization: (user, authorizationID) => revokeAuthorization(service, user, authorizationID),
    revokeAll: (whose) => revokeAll(service, whose),
    noteLogin: (login) => noteLogin(service, login),
    allowedInSession: (session) => allowedInSession(service, session),
    ephemeral,
    useOnce: (key, expiresAt) => useOnce(ephemeral, settings.now(), key, expiresAt),
    connect: (server) => settings.connect(server),
    facts: (client) => factsOf(options, settings, client),
    findings: () => foundIn(options, settings),
    events: service.events,
    close: () => settings.store.close(),
  };
}
