import { clientIDOf, grantTypesOf, isPublicClient, registeredScopeOf } from '../clients/registration.js';
import { subjectOf } from '../clients/subject.js';
import { CLOCK_SKEW, epoch } from '../clock.js';
import { requireTimeout } from '../http/fetch-text.js';
import type { AuthenticationEvent, Awaitable, Client, Scope, TokenRequest } from '../types.js';
import type { AccessTokens } from './access-token.js';
import { opaque } from './access-token.js';
import type { Granted } from './granted.js';
import { requireKnownOptions } from './known.js';
import type { TokenStore } from './store.js';
import { timed } from './timed.js';

/** In seconds. */
export interface Lifetimes {
  /** Default 60. */
  readonly code: number;
  /** Default 3,600: an hour. */
  readonly accessToken: number;
  /** From its last use. Default 30 days. */
  readonly refreshToken: number;
  /** From the act of authorization, however often refreshed. Default a year. */
  readonly authorization: number;
}

const DAY = 24 * 60 * 60;
const LIFETIMES: Lifetimes = { code: 60, accessToken: 3600, refreshToken: 30 * DAY, authorization: 365 * DAY };

/** What `tokenService` takes. */
export interface TokenServiceOptions<C = Client, U = unknown> {
  /** Where what was handed out is kept: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or your own. */
  readonly store: TokenStore;
  /** For all clients, or for each. */
  readonly lifetimes?: Partial<Lifetimes> | ((client: C) => Partial<Lifetimes>);
  /** `opaque()`, which is the default, or `jwt({ ... })`. */
  readonly accessTokens?: AccessTokens;
  /** Whether a refresh token is given. Default: yes. A client that registered `grant_types` without `refresh_token` gets none, whatever this says. */
  readonly refreshTokens?: (client: C, granted: Granted) => boolean;
  /** The scope a client may have without a user's consent. Default: its registered `scope`, if it registered a grant type for that. */
  readonly clientScope?: (client: C) => Scope;
  /**
   * Whether a client's refresh tokens are spent by each use and replaced. Default: yes. `false` gives up that a stolen refresh token is noticed, for clients
   * that authenticate: FAPI 2.0 asks for it, and programs that keep their token in a file. A refresh token that is not replaced lives as long as its
   * authorization. Those of public clients are replaced whatever this says.
   *
   * @see RFC 9700 §2.2.2, FAPI 2.0 Security Profile §5.3.2.1
   */
  readonly rotate?: (client: C) => boolean;
  /**
   * Seconds in which a code that its own client sends again, with its authentication and verifier right, is refused and no more. Default 0: the tokens that came
   * of the code end. For clients that send twice by mistake: gives up that a code which was stolen together with its verifier is noticed for so long.
   *
   * @see RFC 6749 §4.1.2, where ending the tokens is a SHOULD
   */
  readonly tolerateRepeatedCode?: number;
  /** A name of the user's for introspection, which people can read. Default: none. @see RFC 7662 §2.2 */
  readonly username?: (user: U) => string | undefined;
  /**
   * Finds a client by its identifier. Where it is given, no user may authorize anything whose identifier is that of a client: an API would take a token that a
   * client has for itself for one of that user's.
   *
   * @see RFC 9700 §4.15
   */
  readonly findClient?: (clientID: string) => Awaitable<C | false | null | undefined>;
  /** Verifies a user's name and password, for the legacy password grant. Falsy refuses. */
  readonly authenticate?: (username: string, password: string, client: C) => Awaitable<U | false | null | undefined>;
  /** What identifies one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** What stands for one of the application's users. Default: its `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * How and when a user logged in, read when they authorize something; told to APIs that ask for more at times (step-up). Default:
   * nobody knows.
   *
   * @see RFC 9470
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Whether a client cannot keep a secret, so that its refresh tokens are bound to its key where its access tokens are. Default: if it
   * registered the `token_endpoint_auth_method` `none`.
   */
  readonly isPublic?: (client: C) => boolean;
  /** Seconds in which a spent refresh token, presented again by its client, gets the same answer. Default 10; 0 for none. */
  readonly grace?: number;
  /**
   * How often one authorization may be refreshed within the lifetime of an access token: more is refused with 429 and `Retry-After`, and nothing
   * is spent. It bounds what a client can have one authorization keep. Default 10,000.
   */
  readonly maxRefreshes?: number;
  /** Seconds after which a store that does not answer is given up. Default 5: a client that tries again is within the grace window. */
  readonly timeout?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** The options with everything decided. */
export interface Settings<C, U> {
  readonly store: TokenStore;
  readonly accessTokens: AccessTokens;
  readonly grace: number;
  readonly maxRefreshes: number;
  /** In seconds. */
  readonly tolerateRepeatedCode: number;
  readonly findClient: TokenServiceOptions<C, U>['findClient'];
  readonly authenticate: TokenServiceOptions<C, U>['authenticate'];
  now(): number;
  lifetimes(client: C): Lifetimes;
  /** The lifetimes of a client, or of one that is not known here. */
  longest(client: C | undefined): Lifetimes;
  givesRefreshToken(client: C, granted: Granted): boolean;
  isPublic(request: TokenRequest<C>): boolean;
  /** Whether the refresh token of a request is spent by it. */
  rotates(request: TokenRequest<C>): boolean;
  username(user: U): string | undefined;
  /**
   * The login that something is allowed in: what the application says of the user, or else what the authorization says itself.
   *
   * @throws TypeError for a time that is none, or has not come yet
   */
  authentication(user: U | undefined, given: AuthenticationEvent | undefined): AuthenticationEvent | undefined;
  clientScope(client: C): Scope;
  /** @throws TypeError when the client does not say who it is */
  clientID(client: C): string;
  /** @throws TypeError when the user does not say who they are */
  subject(user: U): string;
}

function required(value: string | undefined, what: string): string {
  if (!value) throw new TypeError(`tokenService({ ${what} }) is needed: nothing says who this is`); // an empty text names nobody
  return value;
}

/** @throws TypeError for options that would only show at the first request */
function requireSensible<C, U>(options: TokenServiceOptions<C, U>): void {
  requireKnownOptions(options);
  const { timeout = 5, grace = 0, maxRefreshes = 1, tolerateRepeatedCode = 0 } = options;
  requireTimeout('timeout', timeout);
  if (!(grace >= 0)) throw new TypeError(`grace is a number of seconds, not ${grace}`);
  if (!(tolerateRepeatedCode >= 0 && tolerateRepeatedCode <= 30))
    throw new TypeError(`tolerateRepeatedCode is a few seconds, not ${tolerateRepeatedCode}`);
  if (!(maxRefreshes >= 1)) throw new TypeError(`maxRefreshes is a number, not ${maxRefreshes}`);
}

/** RFC 7591 §2: without `grant_types`, a client is for the code grant, and its `scope` is what it may ask users for. */
function scopeWithoutUser(client: unknown): Scope {
  const direct = grantTypesOf(client)?.some((type) => type === 'client_credentials' || type === 'password');
  return (direct ? registeredScopeOf(client) : undefined) ?? [];
}

/**
 * A time in milliseconds would be a login in the far future, which is never too long ago.
 *
 * @throws TypeError for a login that is later than now by more than clocks may differ
 */
function requireTime(event: AuthenticationEvent | undefined, now: number): AuthenticationEvent | undefined {
  const { authenticatedAt } = event ?? {};
  if (authenticatedAt === undefined || authenticatedAt <= now + CLOCK_SKEW) return event;
  throw new TypeError(`authenticatedAt is in epoch seconds, not ${authenticatedAt}`);
}

export function settle<C, U>(options: TokenServiceOptions<C, U>): Settings<C, U> {
  const { lifetimes, clientID, subject, refreshTokens, clientScope } = options;
  const now = options.now ?? epoch;
  requireSensible(options);
  const shared = { ...LIFETIMES, ...(typeof lifetimes === 'object' && lifetimes) };
  const lifetimesOf = (client: C): Lifetimes =>
    typeof lifetimes === 'function' ? { ...LIFETIMES, ...lifetimes(client) } : shared;
  const isPublic = (request: TokenRequest<C>): boolean =>
    isPublicClient(request) || (options.isPublic?.(request.client) ?? false);
  return {
    store: timed(options.store, options.timeout ?? 5),
    accessTokens: options.accessTokens ?? opaque(),
    grace: options.grace ?? 10,
    maxRefreshes: options.maxRefreshes ?? 10_000,
    tolerateRepeatedCode: options.tolerateRepeatedCode ?? 0,
    findClient: options.findClient,
    authenticate: options.authenticate,
    now,
    lifetimes: lifetimesOf,
    longest: (client) =>
      client === undefined && typeof lifetimes === 'function' ? LIFETIMES : lifetimesOf(client as C),
    givesRefreshToken: (client, granted) =>
      (grantTypesOf(client)?.includes('refresh_token') ?? true) &&
      (refreshTokens ? refreshTokens(client, granted) === true : true),
    isPublic,
    rotates: (request) => isPublic(request) || (options.rotate?.(request.client) ?? true) !== false,
    username: (user) => options.username?.(user),
    authentication(user, given) {
      const event = user === undefined ? undefined : options.authenticationEvent?.(user);
      return requireTime(event ?? given, now());
    },
    clientScope: clientScope ?? scopeWithoutUser,
    clientID: (client) => required(clientID ? clientID(client) : clientIDOf(client), 'clientID'),
    subject: (user) => required(subject ? subject(user) : subjectOf(user), 'subject'),
  };
}
