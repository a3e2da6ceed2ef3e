/** The options with everything decided. */
import { clientIDOf, grantTypesOf, isPublicClient, registeredScopeOf } from '../clients/registration.js';
import { subjectOf } from '../clients/subject.js';
import { requireTimeout } from '../http/fetch-text.js';
import { requireCount, requireSeconds } from '../options.js';
import type { AccessTokenTerms, ServerFacts } from '../plugs.js';
import { requireEvent } from '../registry/authentication-event.js';
import { requireNoPromise } from '../registry/shape.js';
import { scopeOf } from '../syntax/scope.js';
import type { AuthenticationEvent, Awaitable, Scope, TokenRequest } from '../types.js';
import type { IssuerFacts } from './access-token.js';
import { Formats } from './formats.js';
import type { Granted } from './granted.js';
import { requireKnownOptions } from './known.js';
import type { Lifetimes, TokenServiceOptions } from './options.js';
import { Learned } from './said-once.js';
import type { TokenStore } from './store.js';
import { timed } from './timed.js';

const DAY = 24 * 60 * 60;
/** A refresh token that was stolen works for so long after its client has used it. */
const LONGEST_GRACE = 600;
const LIFETIMES: Lifetimes = { code: 60, accessToken: 3600, refreshToken: 30 * DAY, authorization: 365 * DAY };

export interface Settings<C, U> {
  readonly store: TokenStore;
  readonly formats: Formats<C>;
  /** Who issues, as far as the server says: looked up when it is read. */
  readonly issuer: IssuerFacts;
  readonly grace: number;
  readonly maxRefreshes: number;
  /** In seconds. */
  readonly tolerateRepeatedCode: number;
  readonly authenticate: TokenServiceOptions<C, U>['authenticate'];
  readonly adopt: TokenServiceOptions<C, U>['adopt'];
  readonly adoptCode: TokenServiceOptions<C, U>['adoptCode'];
  /** @throws Error where the server and the options, or an earlier server, differ */
  connect(server: Partial<ServerFacts<C, U>>): void;
  now(): number;
  lifetimes(client: C): Lifetimes;
  /** In seconds: what `lifetimes` has, or the code itself, or less where an extension says so. */
  codeLifetime(client: C, own?: number): number;
  /** What the server says of the access tokens for these APIs. */
  accessTokenTerms(audience: readonly string[] | undefined): AccessTokenTerms;
  /** What a client knows a user by. */
  outwardSubject(subject: string, client: C): Promise<string>;
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
  /** The client of an identifier, where there is a way to ask. */
  findClient(clientID: string): Awaitable<C | false | null | undefined>;
  /** @throws TypeError when the client does not say who it is */
  clientID(client: C): string;
  /** @throws TypeError when the user does not say who they are */
  subject(user: U): string;
}

function required(value: string | undefined, name: string): string {
  if (value) return value; // an empty text names nobody
  const options = `createServer({ ${name} }), or tokenService({ ${name} }),`;
  throw new TypeError(`${options} is needed: nothing says who this is`);
}

/** @throws TypeError for options that would only show at the first request */
function requireSensible<C, U>(options: TokenServiceOptions<C, U>): void {
  requireKnownOptions(options);
  const { store, timeout = 5, grace = 0, maxRefreshes = 1, tolerateRepeatedCode = 0 } = options;
  if (typeof store?.get !== 'function')
    throw new TypeError('tokenService({ store }) is needed: memoryStore(), or one that lasts');
  requireTimeout('tokenService({ timeout })', timeout);
  requireSeconds('tokenService({ grace })', grace, 0, LONGEST_GRACE);
  requireSeconds('tokenService({ tolerateRepeatedCode })', tolerateRepeatedCode, 0, 30);
  requireCount('tokenService({ maxRefreshes })', maxRefreshes, 1);
}

/** RFC 7591 §2: without `grant_types`, a client is for the code grant, and its `scope` is what it may ask users for. */
function scopeWithoutUser(client: unknown): Scope {
  const direct = grantTypesOf(client)?.some((type) => type === 'client_credentials' || type === 'password');
  return (direct ? registeredScopeOf(client) : undefined) ?? [];
}

/** A callback of the options that is asked for a value at once. What it gives, unless it is a promise, which would count as yes. */
function atOnce<R>(name: keyof TokenServiceOptions, value: R): R {
  requireNoPromise(`tokenService({ ${name} })`, value);
  return value;
}

/** With the defaults. @throws TypeError for a lifetime that is none: a token would be good for ever, or never */
function completed(given: Partial<Lifetimes> | undefined): Lifetimes {
  const { code, accessToken, refreshToken, authorization } = LIFETIMES;
  const all = {
    code: given?.code ?? code,
    accessToken: given?.accessToken ?? accessToken,
    refreshToken: given?.refreshToken ?? refreshToken,
    authorization: given?.authorization ?? authorization,
  };
  for (const [name, seconds] of Object.entries(all))
    requireSeconds(`tokenService({ lifetimes: { ${name} } })`, seconds, 0);
  return all;
}

function lifetimesIn<C, U>(
  { lifetimes }: TokenServiceOptions<C, U>,
  learned: Learned<C, U>,
): Pick<Settings<C, U>, 'lifetimes' | 'codeLifetime' | 'longest'> {
  const all = completed(typeof lifetimes === 'function' ? {} : lifetimes);
  const each = (client: C): Lifetimes =>
    typeof lifetimes === 'function' ? completed(atOnce('lifetimes', lifetimes(client))) : all;
  return {
    lifetimes: each,
    codeLifetime(client, code = each(client).code) {
      return Math.min(code, learned.clientTerms(client).codeLifetime ?? code);
    },
    longest: (client) => (client === undefined ? all : each(client)),
  };
}

/** What the options say of clients, where their registration leaves it open. */
function policies<C, U>(options: TokenServiceOptions<C, U>, learned: Learned<C, U>) {
  const { refreshTokens, clientScope, rotate } = options;
  const isPublic = (request: TokenRequest<C>): boolean =>
    isPublicClient(request) || (atOnce('isPublic', options.isPublic?.(request.client)) ?? false);
  return {
    isPublic,
    rotates(request: TokenRequest<C>): boolean {
      const { client } = request;
      if (isPublic(request)) return true; // RFC 9700 §4.14.2: nothing else binds such a token to its client
      const isKept = learned.clientTerms(client).keepsRefreshTokens === true;
      return !isKept && (atOnce('rotate', rotate?.(client)) ?? true) !== false;
    },
    givesRefreshToken(client: C, granted: Granted): boolean {
      if (!(grantTypesOf(client)?.includes('refresh_token') ?? true)) return false;
      return refreshTokens ? atOnce('refreshTokens', refreshTokens(client, granted)) === true : true;
    },
    // text is read as words: a client that may have `readonly` must not have `read`, which is within it
    clientScope: (client: C) =>
      clientScope ? (scopeOf({ scope: atOnce('clientScope', clientScope(client)) }) ?? []) : scopeWithoutUser(client),
    username: (user: U) => atOnce('username', options.username?.(user)),
  };
}

export function settingsOf<C, U>(options: TokenServiceOptions<C, U>): Settings<C, U> {
  requireSensible(options);
  const { findClient, now = () => learned.now() } = options;
  const learned = new Learned(options);
  return {
    store: timed(options.store, options.timeout ?? 5),
    formats: new Formats(options.accessTokens, learned.issuer),
    issuer: learned.issuer,
    grace: options.grace ?? 10,
    maxRefreshes: options.maxRefreshes ?? 10_000,
    tolerateRepeatedCode: options.tolerateRepeatedCode ?? 0,
    authenticate: options.authenticate,
    adopt: options.adopt,
    adoptCode: options.adoptCode,
    connect: (server) => learned.connect(server),
    accessTokenTerms: (audience) => (audience ? learned.accessTokenTerms(audience) : {}),
    outwardSubject: (subject, client) => learned.outwardSubject(subject, client),
    now,
    ...lifetimesIn(options, learned),
    ...policies(options, learned),
    authentication(user, given) {
      const event = user === undefined ? undefined : learned.ask('authenticationEvent', user);
      return requireEvent(event ?? given, now(), 'The login of a user');
    },
    findClient: (id) => (findClient ? findClient(id) : learned.findClient(id)),
    clientID: (client) => required(learned.ask('clientID', client) ?? clientIDOf(client), 'clientID'),
    subject: (user) => required(learned.ask('subject', user) ?? subjectOf(user), 'subject'),
  };
}
