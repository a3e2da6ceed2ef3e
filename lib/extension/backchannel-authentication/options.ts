/** What backchannelAuthentication() takes. */
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

/** Whom a client means: exactly one member is there. @see CIBA §7.1 */
export interface UserHint {
  /** A name, an address of email, a telephone number: whatever you accept. The client may have it from anybody. */
  readonly loginHint?: string;
  /** A token that says who it is, as you have agreed with whoever issues it. Nobody has verified it yet. */
  readonly loginHintToken?: string;
  /** The user of an ID token that this server issued to this client: as the client knows them, which is the subject unless your `sub` differ. */
  readonly sub?: string;
}

/** A request that waits for a user. */
export interface BackchannelRequest<C = Client, U = unknown> {
  /** Stands for the request where you show and decide it. The client does not know it, and nobody gets tokens by it. */
  readonly id: string;
  readonly client: C;
  readonly user: U;
  /** What is asked for: `scope`, `bindingMessage`, and what extensions read, such as `acrValues`. */
  readonly req: AuthorizationRequest;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Options of `backchannelAuthentication()`. */
export interface BackchannelAuthenticationOptions<C = Client, U = unknown> extends Omit<ClientKeysOptions<C>, 'now'> {
  /**
   * The user whom a client means; nobody where the hint is not valid. A `loginHintToken` is yours to verify: throw
   * `new TokenError('...', 'expired_login_hint_token')` where it has expired.
   *
   * @see CIBA §7.2
   */
  readonly findUser: (hint: UserHint, client: C) => Awaitable<U | null | undefined | false>;
  /**
   * Asks the user by a channel of yours, such as a push message to their telephone, with `id` in it. Called before the client is answered: what it throws
   * takes the request back. @see CIBA §8
   */
  readonly ask: (ctx: Context, request: BackchannelRequest<C, U>) => Awaitable<unknown>;
  /**
   * Whether the user may be asked this by this client, before they are: what is no `true` is answered `access_denied`. Default: always.
   *
   * @see CIBA §13
   */
  readonly mayAsk?: (ctx: Context, request: Omit<BackchannelRequest<C, U>, 'id'>) => Awaitable<boolean>;
  /**
   * Whether this is the code that only the user knows: exactly `true` if it is. Compare in constant time (`equalInConstantTime`), or by the hash of a password. Default: user codes are not
   * supported. @see CIBA §7.1.2
   */
  readonly verifyUserCode?: (user: U, code: string, client: C) => Awaitable<boolean>;
  /**
   * Whether this client may ask this user without a user code. Gives up that only who knows the code can have the user asked. Default, with `verifyUserCode`: nobody
   * may. @see CIBA §7.1.2
   */
  readonly allowWithoutUserCode?: (user: U, client: C) => Awaitable<boolean>;
  /** How many codes may be tried for one user in 15 minutes, right or wrong, by all clients. Default 10. */
  readonly userCodeGuesses?: number;
  /** How often one client may have one user asked in 15 minutes. Default 10. */
  readonly perUser?: number;
  /** Whether every client must sign its requests. Default: those that registered `backchannel_authentication_request_signing_alg`. @see CIBA §7.1.1 */
  readonly requireSignedRequests?: boolean;
  /** The algorithms that requests may be signed by. Default: all with a private and a public key. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /** Whether every request must have a `binding_message`. Default `false`. @see CIBA §7.1 */
  readonly requireBindingMessage?: boolean;
  /** Seconds for which a client and its user have time: 30 to 1,800. Default 300. @see CIBA §7.3 */
  readonly lifetime?: number;
  /** Seconds that a client may ask for by `requested_expiry`, at most: `lifetime` to 86,400. Default: `lifetime`. @see CIBA §7.1 */
  readonly maxLifetime?: number;
  /** Seconds that a client waits between two polls: 1 to 60. Default 5. @see CIBA §7.3 */
  readonly interval?: number;
  /**
   * Reads the user's answer from the form of the page, as `server.decision(parse)` does: the scopes that were ticked, say. Default: a field `cancel` denies, and
   * without it all that was asked for is allowed.
   */
  readonly decision?: ParseDecision;
  /** Where clients begin, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/backchannel_authentication`. */
  readonly url?: string;
  /** Where everything is kept. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
  /** Member of `ctx.state` where passport leaves the client, and your login the user. Default `user`. */
  readonly userProperty?: string;
}

export const RELAXATIONS: Relaxations<BackchannelAuthenticationOptions<never, never>> = {
  ...FETCH_RELAXATIONS,
  allowWithoutUserCode: {
    why: 'Whoever knows a user’s name can have them asked again and again, until they allow it',
    section: 'CIBA §7.1.2',
    remedy: 'Allow it to clients only at which nobody but the user can begin',
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
