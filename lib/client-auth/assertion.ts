/** What `private_key_jwt` and `client_secret_jwt` take, and both alike. */
import { CLOCK_SKEW, epoch } from '../clock.js';
import type { OptionNames } from '../options.js';
import type { Awaitable } from '../types.js';
import type { ClaimRules } from './assertion-claims.js';

/**
 * Tells exactly one of concurrent callers, across processes, `true` for one key, and remembers the key.
 *
 * @param expiresAt epoch seconds until which no other caller is told `true`
 */
export type UseOnce = (key: string, expiresAt: number) => Awaitable<boolean>;

/** What both methods take. */
export interface AssertionOptions<A extends string = string> {
  /** The authorization server's issuer identifier: the only audience that an assertion may have. @see RFC 10070 §4 */
  readonly issuer: string;
  /** Where it is remembered which assertions were used, for all processes: `tokens.useOnce`. @see RFC 7523 §3 item 7 */
  readonly useOnce: UseOnce;
  /** The signature algorithms that are taken. Default: all that the method has. */
  readonly algorithms?: readonly A[];
  /** Seconds that an assertion may be good for at most. Default 3,600: each is remembered for as long. */
  readonly maxLifetime?: number;
  /** Seconds by which the clocks of clients may be wrong. Default 30: a machine that sets its clock by others is off by less. */
  readonly skew?: number;
  /**
   * Further audiences, such as the URL of the token endpoint, for clients from before RFC 10070: gives up protection from other
   * authorization servers, which can make such a client sign for this one.
   */
  readonly allowAudiences?: readonly string[];
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

/** The options with everything decided. */
export interface AssertionSettings {
  readonly algorithms: readonly string[];
  readonly useOnce: UseOnce;
  readonly rules: ClaimRules;
  now(): number;
}

function requireSeconds(name: string, seconds: number): void {
  // what is no number compares with nothing, and nothing would ever be too late
  if (!Number.isFinite(seconds) || seconds < 0) throw new TypeError(`${name} is a number of seconds, not ${seconds}`);
}

/** @throws TypeError for options that would only show at the first request, or never */
export function settle<A extends string>(
  { name, algorithms: supported }: { readonly name: string; readonly algorithms: readonly string[] },
  options: AssertionOptions<A>,
): AssertionSettings {
  const { issuer, useOnce, maxLifetime = 3600, skew = CLOCK_SKEW, allowAudiences = [] } = options;
  const algorithms: readonly string[] = options.algorithms ?? supported;
  if (typeof issuer !== 'string' || !issuer) throw new TypeError(`${name} requires issuer`);
  if (typeof useOnce !== 'function') throw new TypeError(`${name} requires useOnce: an assertion is good once`);
  // RFC 8725 §3.1, §3.2
  if (algorithms.length === 0) throw new TypeError(`${name} requires algorithms`);
  const other = algorithms.find((alg) => !supported.includes(alg));
  if (other !== undefined) throw new TypeError(`${name} takes ${supported.join(', ')}, and not ${other}`);
  requireSeconds('maxLifetime', maxLifetime);
  requireSeconds('skew', skew);
  const rules: ClaimRules = { audiences: new Set([issuer, ...allowAudiences]), maxLifetime, skew };
  return { algorithms, useOnce, rules, now: options.now ?? epoch };
}
