/** Options of backchannelAuthentication(). */
import type { Context } from 'koa';
import type { ParseDecision } from '../../callbacks.js';
import type { Relaxations } from '../../findings.js';
import { requireTimeout } from '../../http/fetch-text.js';
import { ASYMMETRIC, type AsymmetricAlgorithm } from '../../keys/asymmetric.js';
import { CLIENT_KEYS_OPTIONS, type ClientKeysOptions } from '../../keys/client-keys.js';
import { FETCH_RELAXATIONS } from '../../keys/fetch-jwks.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import { requireLocation } from '../../registry/locations.js';
import type { AuthorizationRequest, Awaitable, Client } from '../../types.js';

/** How a client names a user. Exactly one member is set. @see CIBA §7.1 */
export interface UserHint {
  /** A name, an email address or a telephone number: whatever you accept. The client may have got it from anybody. */
  readonly loginHint?: string;
  /** A token that names the user, in a form that you have agreed with its issuer. It is not verified yet. */
  readonly loginHintToken?: string;
  /**
   * The `sub` of an ID token that this server issued to this client. It is the subject of the user, unless your `sub` callback gives each client another value.
   */
  readonly sub?: string;
}

/** A request that waits for a user. */
export interface BackchannelRequest<C = Client, U = unknown> {
  /** Identifies the request where you show and decide it. The client does not know it, and nobody can get tokens with it. */
  readonly id: string;
  readonly client: C;
  readonly user: U;
  /** The request: `scope`, `bindingMessage`, and the parameters that extensions read, such as `acrValues`. */
  readonly req: AuthorizationRequest;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Options of `backchannelAuthentication()`. */
export interface BackchannelAuthenticationOptions<C = Client, U = unknown> extends Omit<ClientKeysOptions<C>, 'now'> {
  /**
   * Finds the user whom a client names; undefined if the hint is not valid. You have to verify a `loginHintToken`: throw
   * `new TokenError('...', 'expired_login_hint_token')` if it has expired.
   *
   * @see CIBA §7.2
   */
  readonly findUser: (hint: UserHint, client: C) => Awaitable<U | null | undefined | false>;
  /**
   * Asks the user by a channel of yours, such as a push message to their telephone, with `id` in it. Called before the client is answered. If it throws, the
   * request is removed, and the client gets an error.
   *
   * @see CIBA §8
   */
  readonly ask: (ctx: Context, request: BackchannelRequest<C, U>) => Awaitable<unknown>;
  /**
   * Whether this client may ask this user. Called before the user is asked; any value but `true` is answered with `access_denied`. Default: every client may.
   *
   * @see CIBA §13
   */
  readonly mayAsk?: (ctx: Context, request: Omit<BackchannelRequest<C, U>, 'id'>) => Awaitable<boolean>;
  /**
   * Whether this is the secret user code of the user: exactly `true` if it is. Compare in constant time (`equalInConstantTime`), or with a password hash.
   * Default: user codes are not supported.
   *
   * @see CIBA §7.1.2
   */
  readonly verifyUserCode?: (user: U, code: string, client: C) => Awaitable<boolean>;
  /**
   * Whether this client may ask this user without a user code. This gives up that only somebody who knows the code can cause a request to the user. Default,
   * with `verifyUserCode`: no client may.
   *
   * @see CIBA §7.1.2
   */
  readonly allowWithoutUserCode?: (user: U, client: C) => Awaitable<boolean>;
  /** How many user codes all clients together may try for one user in 15 minutes, right or wrong. Default 10. */
  readonly userCodeGuesses?: number;
  /** How often one client may ask one user in 15 minutes. Default 10. */
  readonly perUser?: number;
  /**
   * Whether every client must sign its requests. Default: only clients that registered `backchannel_authentication_request_signing_alg` must.
   *
   * @see CIBA §7.1.1
   */
  readonly requireSignedRequests?: boolean;
  /** The algorithms by which requests may be signed. Default: all asymmetric ones. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /** Whether every request must have a `binding_message`. Default `false`. @see CIBA §7.1 */
  readonly requireBindingMessage?: boolean;
  /** Seconds that the user has for a decision, and the client to fetch its tokens: 30 to 1,800. Default 300. @see CIBA §7.3 */
  readonly lifetime?: number;
  /** The most seconds that a client may ask for by `requested_expiry`: `lifetime` to 86,400. Default: `lifetime`. @see CIBA §7.1 */
  readonly maxLifetime?: number;
  /** Seconds that a client waits between two polls: 1 to 60. Default 5. @see CIBA §7.3 */
  readonly interval?: number;
  /**
   * Reads the decision of the user from the form of the page, as `server.decision(parse)` does, for example the scopes that the user ticked. Default: a field
   * `cancel` denies the request; without it, all that was asked for is allowed.
   */
  readonly decision?: ParseDecision;
  /**
   * The backchannel authentication endpoint, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or
   * `/backchannel_authentication`.
   */
  readonly url?: string;
  /** Where requests and counts are kept. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
  /** The member of `ctx.state` where client authentication leaves the client, and your login leaves the user. Default `user`. */
  readonly userProperty?: string;
}

export const RELAXATIONS: Relaxations<BackchannelAuthenticationOptions<never, never>> = {
  ...FETCH_RELAXATIONS,
  allowWithoutUserCode: {
    why: 'Anybody who knows a user’s name can send them requests again and again, until they allow one',
    section: 'CIBA §7.1.2',
    remedy: 'Allow it only to clients at which nobody but the user can start a request',
  },
};

const { now: _, ...OF_KEYS } = CLIENT_KEYS_OPTIONS;

const KNOWN: OptionNames<BackchannelAuthenticationOptions<never, never>> = {
  ...OF_KEYS,
  findUser: true,
  ask: true,
  mayAsk: true,
  verifyUserCode: true,
  allowWithoutUserCode: true,
  userCodeGuesses: true,
  perUser: true,
  requireSignedRequests: true,
  algorithms: true,
  requireBindingMessage: true,
  lifetime: true,
  maxLifetime: true,
  interval: true,
  decision: true,
  url: true,
  store: true,
  userProperty: true,
};

const NAME = 'backchannelAuthentication';

/** @throws TypeError */
function requireFunctions<C, U>(options: BackchannelAuthenticationOptions<C, U>): void {
  for (const name of ['findUser', 'ask'] as const)
    if (typeof options[name] !== 'function') throw new TypeError(`${NAME}({ ${name} }) is a function, and needed`);
  if (options.allowWithoutUserCode && !options.verifyUserCode)
    throw new TypeError(`${NAME}({ allowWithoutUserCode }) needs ${NAME}({ verifyUserCode })`);
}

/** @throws TypeError */
export function requireOptions<C, U>(options: BackchannelAuthenticationOptions<C, U>): void {
  requireKnown<BackchannelAuthenticationOptions<C, U>>(options, KNOWN, NAME);
  const { lifetime = 300, interval = 5, userCodeGuesses = 10, perUser = 10, fetchTimeout = 5 } = options;
  const { algorithms = ASYMMETRIC, maxLifetime = lifetime, url } = options;
  requireFunctions(options);
  requireCount(`${NAME}({ lifetime })`, lifetime, 30, 1800);
  requireCount(`${NAME}({ maxLifetime })`, maxLifetime, lifetime, 86_400);
  requireCount(`${NAME}({ interval })`, interval, 1, 60);
  requireCount(`${NAME}({ userCodeGuesses })`, userCodeGuesses, 1, 1000);
  requireCount(`${NAME}({ perUser })`, perUser, 1, 1_000_000);
  const known: readonly string[] = ASYMMETRIC;
  if (algorithms.length === 0 || !algorithms.every((alg) => known.includes(alg)))
    throw new TypeError(`${NAME}({ algorithms }) are some of ${known.join(', ')}, not ${algorithms.join(', ')}`);
  requireTimeout(`${NAME}({ fetchTimeout })`, fetchTimeout);
  if (url !== undefined) requireLocation(url, `${NAME}({ url })`);
}
