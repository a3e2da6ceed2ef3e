/** The options with their defaults filled in. */

import { clientIDOf, grantTypesOf, isPublicClient, registeredScopeOf } from '../clients/registration.js';
import { requireSubject, subjectOf } from '../clients/subject.js';
import { requireTimeout } from '../http/fetch-text.js';
import { requireCount, requireSeconds } from '../options.js';
import type { AccessTokenTerms, ServerFacts } from '../plugs.js';
import { requireNoPromise } from '../promise.js';
import { requireEvent } from '../registry/authentication-event.js';
import { scopeOf } from '../syntax/scope.js';
import type { AuthenticationEvent, Awaitable, Scope, TokenRequest } from '../types.js';
import type { IssuerFacts } from './access-token.js';
import { Formats } from './formats.js';
import type { Granted } from './granted.js';
import { requireKnownOptions } from './known.js';
import { requireOneIssuer } from './one-issuer.js';
import type { Lifetimes, TokenServiceOptions } from './options.js';
import { Learned } from './said-once.js';
import type { TokenStore } from './store.js';
import { timed } from './timed.js';

const DAY = 24 * 60 * 60;
/** In seconds. During the `grace` after a client has used a refresh token, a thief can use the same token unnoticed. */
const LONGEST_GRACE = 600;
const LIFETIMES: Lifetimes = { code: 60, accessToken: 3600, refreshToken: 30 * DAY, authorization: 365 * DAY };

export interface Settings<C, U> {
  readonly store: TokenStore;
  readonly formats: Formats<C>;
  /** The issuer and the keys of the server, read when they are needed. */
  readonly issuer: IssuerFacts;
  readonly grace: number;
  readonly maxRefreshes: number;
  /** In seconds. */
  readonly tolerateRepeatedCode: number;
  readonly authenticate: TokenServiceOptions<C, U>['authenticate'];
  readonly adopt: TokenServiceOptions<C, U>['adopt'];
  readonly adoptCode: TokenServiceOptions<C, U>['adoptCode'];
  /** @throws Error if the server differs from an earlier server in its issuer or keys, or its issuer from that of the store */
  connect(server: Partial<ServerFacts<C, U>>): void;
  now(): number;
  lifetimes(client: C): Lifetimes;
  /** The lifetime of a code in seconds: that of `lifetimes`, or `own`, or less if an extension limits it. */
  codeLifetime(client: C, own?: number): number;
  /** Calls `confirm` of the extensions after tokens of this client were stored. @throws what `confirm` throws */
  confirm(client: C): Awaitable<void>;
  /** The terms that the server sets for the access tokens for these APIs. */
  accessTokenTerms(audience: readonly string[] | undefined): AccessTokenTerms;
  /** The subject identifier that a client is given for a user. */
  outwardSubject(subject: string, client: C): Promise<string>;
  /** The lifetimes of a client; without a client, the defaults. */
  longest(client: C | undefined): Lifetimes;
  givesRefreshToken(client: C, granted: Granted): boolean;
  isPublic(request: TokenRequest<C>): boolean;
  /** Whether the request spends its refresh token (rotation). */
  rotates(request: TokenRequest<C>): boolean;
  username(user: U): string | undefined;
  /**
   * The login of an authorization: the one that the application gives for the user, or else the one in the authorization itself.
   *
   * @throws TypeError for a time that is not in epoch seconds, or is in the future
   */
  authentication(user: U | undefined, given: AuthenticationEvent | undefined): AuthenticationEvent | undefined;
  clientScope(client: C): Scope;
  /** Finds a client by its identifier; undefined if there is no way to find clients. */
  findClient(clientID: string): Awaitable<C | false | null | undefined>;
  /** @throws TypeError if the client has no identifier */
  clientID(client: C): string;
  /** @throws TypeError if the user has no identifier, or one with control characters */
  subject(user: U): string;
}

function required(value: string | undefined, name: string): string {
  if (value) return value; // an empty text names nobody
  const options = `createServer({ ${name} }), or tokenService({ ${name} }),`;
  throw new TypeError(`${options} is needed: nothing says who this is`);
}

/** @throws TypeError at start for invalid options, instead of at the first request */
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

/** RFC 7591 §2: a client without `grant_types` is for the code grant, and its `scope` is only what it may ask users for. */
function scopeWithoutUser(client: unknown): Scope {
  const direct = grantTypesOf(client)?.some((type) => type === 'client_credentials' || type === 'password');
  return (direct ? registeredScopeOf(client) : undefined) ?? [];
}

/** The result of a callback that must not give a promise, which would count as true. @throws TypeError for a promise */
function atOnce<R>(name: keyof TokenServiceOptions, value: R): R {
  requireNoPromise(`tokenService({ ${name} })`, value);
  return value;
}

/** Fills in the default lifetimes. @throws TypeError for an invalid lifetime, such as NaN: a token would never expire, or be expired at once */
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

/** The decisions about clients that their registration leaves to the options. */
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
    // a text is split into words: a client that may have `readonly` must not get `read`, which is a part of that text
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
    connect(server) {
      learned.connect(server);
      requireOneIssuer(options.store, server.issuer);
    },
    accessTokenTerms: (audience) => (audience ? learned.accessTokenTerms(audience) : {}),
    confirm: (client) => learned.clientTerms(client).confirm?.(),
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
    subject(user) {
      const subject = required(learned.ask('subject', user) ?? subjectOf(user), 'subject');
      return requireSubject(subject, "tokenService({ subject }), or the user's id");
    },
  };
}
