/** The options that `private_key_jwt` and `client_secret_jwt` have in common. */
import type { AssertionRules } from '../assertion/claims.js';
import { CLOCK_SKEW, epoch } from '../clock.js';
import type { Relaxations } from '../findings.js';
import { type OptionNames, requireSeconds } from '../options.js';
import type { Awaitable, Client } from '../types.js';
import { ASSERTION_TYPES } from './assertion-claims.js';
import type { MethodFacts } from './method.js';

/**
 * Remembers a key. Of concurrent callers with one key, in whatever process, exactly one gets `true`.
 *
 * @param expiresAt epoch seconds until which no other caller is told `true`
 */
export type UseOnce = (key: string, expiresAt: number) => Awaitable<boolean>;

/** Options of both methods. */
export interface AssertionOptions<A extends string = string, C = Client> {
  /**
   * The authorization server's issuer identifier: the only audience that an assertion may have. Default: that of
   * `clientAuthentication({ server })`. @see RFC 10070 §4
   */
  readonly issuer?: string;
  /**
   * Remembers which assertions were used, for all processes: `tokens.useOnce`. Default: that of the token service of
   * `clientAuthentication({ server })`. @see RFC 7523 §3 item 7
   */
  readonly useOnce?: UseOnce;
  /** The signature algorithms that are accepted. Default: all that the method supports. */
  readonly algorithms?: readonly A[];
  /** Seconds from now to `exp`, at most. Default 3,600. Each used assertion is remembered for that long. */
  readonly maxLifetime?: number;
  /** Seconds by which the clocks of clients may be wrong: up to 600. Default 30, because a clock that is synchronized by NTP differs by less. */
  readonly skew?: number;
  /**
   * Further audiences, such as the URL of the token endpoint, for clients that are older than RFC 10070: a list for all clients, or a function that gives the
   * list of a client. Gives up this protection: a malicious authorization server can have such a client sign an assertion that this server accepts. An
   * assertion with the type `client-authentication+jwt`, by which a client tells that it implements RFC 10070, must still have the issuer as its only audience.
   *
   * @example privateKeyJwt<App>({ allowAudiences: ({ client_id }) => (client_id === 'old' ? ['https://as.example/token'] : []) })
   */
  readonly allowAudiences?: readonly string[] | ((client: C) => readonly string[]);
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** The names of the options that both methods take. */
export const ASSERTION_OPTIONS: OptionNames<AssertionOptions> = {
  issuer: true,
  useOnce: true,
  algorithms: true,
  maxLifetime: true,
  skew: true,
  allowAudiences: true,
  now: true,
};

export const ASSERTION_RELAXATIONS: Relaxations<AssertionOptions> = {
  allowAudiences: {
    why: 'A malicious authorization server can have such a client sign an assertion that this server accepts',
    section: 'RFC 10070 §4',
    remedy: 'Name only clients that are older than RFC 10070, and have them use the issuer as the audience',
  },
};

/** The upper limit of `skew`, in seconds: an assertion is accepted for that long after its `exp`. */
const LARGEST_SKEW = 600;

/** The options with their defaults filled in. */
export interface AssertionSettings<C> {
  readonly algorithms: readonly string[];
  readonly useOnce: UseOnce;
  readonly rules: AssertionRules;
  /** The audiences that assertions of this client may have in place of the issuer. */
  furtherAudiences(client: C): readonly string[];
  now(): number;
}

/**
 * Completes the options of a method with what the server knows.
 *
 * @param said the options, completed with what earlier servers knew
 * @throws Error if the server has another issuer: it would accept assertions that are for the first one. RFC 7523 §3 item 3
 * @throws TypeError if neither the options nor the server have an issuer and `useOnce`
 */
function connectedOptions<A extends string, C>(
  name: string,
  said: AssertionOptions<A, C>,
  server: MethodFacts,
): Complete<A, C> {
  const issuer = said.issuer ?? server.issuer;
  const useOnce = said.useOnce ?? server.useOnce;
  const now = said.now ?? server.now;
  if (issuer !== (server.issuer ?? issuer))
    throw new Error(
      `${name}({ issuer }) is ${issuer}, as it was told or learned, and that of this server is ${server.issuer}: make one for each server`,
    );
  if (typeof issuer !== 'string' || !issuer) throw new TypeError(`${name} requires issuer`);
  if (typeof useOnce !== 'function')
    throw new TypeError(`${name} requires useOnce: an assertion may be used only once`);
  return { ...said, issuer, useOnce, ...(now && { now }) };
}

/** Options with everything that a method needs. */
type Complete<A extends string, C> = AssertionOptions<A, C> & { readonly issuer: string; readonly useOnce: UseOnce };

/** A method, and every signature algorithm that it supports. */
interface Supported {
  readonly name: string;
  readonly algorithms: readonly string[];
}

/** Fills in the defaults. @throws TypeError at start for options that no assertion could satisfy, instead of at the first request */
export function assertionSettings<A extends string, C>(
  { name, algorithms: supported }: Supported,
  options: Complete<A, C>,
): AssertionSettings<C> {
  const { issuer, useOnce, maxLifetime = 3600, skew = CLOCK_SKEW, allowAudiences = [] } = options;
  const algorithms: readonly string[] = options.algorithms ?? supported;
  // RFC 8725 §3.1, §3.2
  if (algorithms.length === 0) throw new TypeError(`${name} requires algorithms`);
  const other = algorithms.find((alg) => !supported.includes(alg));
  if (other !== undefined) throw new TypeError(`${name} supports ${supported.join(', ')}, and not ${other}`);
  requireSeconds(`${name}({ maxLifetime })`, maxLifetime, 0);
  requireSeconds(`${name}({ skew })`, skew, 0, LARGEST_SKEW);
  const rules: AssertionRules = { types: ASSERTION_TYPES, audiences: new Set([issuer]), maxLifetime, skew }; // RFC 10070 §4
  const furtherAudiences = typeof allowAudiences === 'function' ? allowAudiences : () => allowAudiences;
  return { algorithms, useOnce, rules, furtherAudiences, now: options.now ?? epoch };
}

/** The settings of a method: from its options, and from the servers that it is connected to. */
export class LearnedSettings<A extends string, C> {
  readonly #method: Supported;
  #said: AssertionOptions<A, C>;
  #settings: AssertionSettings<C> | undefined;

  constructor(method: Supported, options: AssertionOptions<A, C>) {
    this.#method = method;
    this.#said = options;
    if (options.issuer !== undefined && options.useOnce !== undefined) this.connect({});
  }

  /** @throws Error if the server has another issuer than the options or an earlier server. @throws TypeError if something is missing */
  connect(server: MethodFacts): void {
    const complete = connectedOptions(this.#method.name, this.#said, server);
    this.#settings = assertionSettings(this.#method, complete);
    this.#said = complete;
  }

  /** @throws Error before `connect` was called */
  get settings(): AssertionSettings<C> {
    if (this.#settings) return this.#settings;
    throw new Error(`${this.#method.name} was not connected: it belongs in clientAuthentication({ methods })`);
  }
}
