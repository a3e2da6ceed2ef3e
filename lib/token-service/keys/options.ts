/** The options of rotatingKeys(). */
import type { JWK } from 'jose';
import { ALGORITHMS, type SigningAlgorithm } from '../../keys/loaded-key.js';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import type { TokenStore } from '../store.js';
import type { EncryptionOptions } from './encryption.js';
import type { Times } from './schedule.js';

/** Options of `rotatingKeys()`. */
export interface RotatingKeysOptions extends EncryptionOptions {
  /** The store in which all processes keep the keys: that of the token service, or another one. */
  readonly store: TokenStore;
  /**
   * The algorithms; a key is made for each. The first one signs if no algorithm is asked for. The key of an algorithm that is added later signs at once for
   * clients that registered this algorithm. Default: `['RS256']`, which every client supports.
   */
  readonly algorithms?: readonly SigningAlgorithm[];
  /** Seconds for which a key signs: two days or more. Default: 30 days. */
  readonly every?: number;
  /**
   * Seconds for which a key is published before it signs: half an hour or more, and at most half of `every`. It must be longer than any API or client caches
   * the key set. Default: one day.
   */
  readonly publishedFirst?: number;
  /**
   * The longest lifetime of a signed JWT, such as an access token, in seconds. A key stays published for that long after its last signature. Default: 30 days.
   */
  readonly longestToken?: number;
  /**
   * The private keys that `keySet()` signed with until now, each with its `alg`. The first key of each algorithm goes on signing until a new key has been
   * published for long enough. A key whose algorithm is not in `algorithms` only verifies. Each key stays published until the last token that it can have
   * signed has expired. You may leave the keys in this option after that: they are not published again. Default: none.
   */
  readonly adopt?: readonly JWK[];
  /**
   * Distinguishes the keys from those of another server in the same store. If the name changes, all keys are new, and earlier ones are not published. Default:
   * `keys`.
   */
  readonly name?: string;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
  /**
   * Called with an error when the store cannot be read, and the known keys stay in use; and when a single key in the store cannot be read, and is left out.
   * Default: a process warning.
   */
  readonly onError?: (error: unknown) => void;
}

const KNOWN: OptionNames<RotatingKeysOptions> = {
  store: true,
  secret: true,
  encryption: true,
  algorithms: true,
  every: true,
  publishedFirst: true,
  longestToken: true,
  adopt: true,
  name: true,
  now: true,
  onError: true,
};

const DAY = 86_400;

/**
 * The least seconds for which a key is published before it signs. HTTP caches may keep the key set for 5 minutes, and an API caches it for 10; a process reads
 * the store every minute. The rest is for clocks that differ.
 */
const SHORTEST_FIRST = 1800;

/** The default of the option `onError`. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

/** @throws TypeError for invalid options */
export function requireRotation(options: RotatingKeysOptions): void {
  requireKnown<RotatingKeysOptions>(options, KNOWN, 'rotatingKeys');
  const { algorithms = [] } = options;
  const other = algorithms.find((alg) => !ALGORITHMS.includes(alg));
  if (other !== undefined || options.algorithms?.length === 0)
    throw new TypeError(`rotatingKeys({ algorithms }) are some of ${ALGORITHMS.join(', ')}, not ${other ?? 'none'}`);
}

/** @throws TypeError for times with which keys cannot be rotated without a gap */
export function timesOf(options: RotatingKeysOptions): Times {
  const { every = 30 * DAY, publishedFirst = DAY, longestToken = 30 * DAY } = options;
  requireSeconds('rotatingKeys({ every })', every, 2 * DAY);
  requireSeconds('rotatingKeys({ publishedFirst })', publishedFirst, SHORTEST_FIRST, every / 2);
  requireSeconds('rotatingKeys({ longestToken })', longestToken, 1);
  return { every, publishedFirst, longestToken };
}
