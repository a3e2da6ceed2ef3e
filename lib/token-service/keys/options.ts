/** What rotatingKeys() takes. */
import type { JWK } from 'jose';
import { ALGORITHMS, type SigningAlgorithm } from '../../keys/loaded-key.js';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import type { TokenStore } from '../store.js';
import type { EncryptionOptions } from './encryption.js';
import type { Times } from './schedule.js';

/** Options of `rotatingKeys()`. */
export interface RotatingKeysOptions extends EncryptionOptions {
  /** Where all processes keep the keys: the store of the token service, or another one. */
  readonly store: TokenStore;
  /**
   * A key is made for each. The first signs where nobody asks for an algorithm. One that is added signs at once for clients that registered it.
   * Default: `['RS256']`, which every client understands.
   */
  readonly algorithms?: readonly SigningAlgorithm[];
  /** Seconds for which a key signs: two days or more. Default: 30 days. */
  readonly every?: number;
  /**
   * Seconds for which a key is published before it signs: half an hour or more, and at most half of `every`. It must be longer than anybody keeps
   * the key set without asking again. Default: one day.
   */
  readonly publishedFirst?: number;
  /** Seconds for which the longest JWT lives that is signed, such as an access token. A key is published for so long after it has signed. Default: 30 days. */
  readonly longestToken?: number;
  /** Private keys that have signed until now, as `keySet()` has had them: they sign until the first keys of the store are known. Default: none. */
  readonly adopt?: readonly JWK[];
  /** Tells the keys from those of another server in the same store. With another name, all keys are new, and the earlier ones are not published. Default: `keys`. */
  readonly name?: string;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
  /** Is told that the store cannot be read now. The keys that are known go on. Default: a process warning. */
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

/** The document may be kept for 5 minutes, and an API keeps what it has read for 10; a process reads the store every minute. The rest is for clocks that differ. */
const SHORTEST_FIRST = 1800;

/** @throws TypeError for options that cannot be meant */
export function requireRotation(options: RotatingKeysOptions): void {
  requireKnown<RotatingKeysOptions>(options, KNOWN, 'rotatingKeys');
  const { algorithms = [] } = options;
  const other = algorithms.find((alg) => !ALGORITHMS.includes(alg));
  if (other !== undefined || options.algorithms?.length === 0)
    throw new TypeError(`rotatingKeys({ algorithms }) are some of ${ALGORITHMS.join(', ')}, not ${other ?? 'none'}`);
}

/** @throws TypeError for times in which keys cannot be rotated without a gap */
export function timesOf(options: RotatingKeysOptions): Times {
  const { every = 30 * DAY, publishedFirst = DAY, longestToken = 30 * DAY } = options;
  requireSeconds('rotatingKeys({ every })', every, 2 * DAY);
  requireSeconds('rotatingKeys({ publishedFirst })', publishedFirst, SHORTEST_FIRST, every / 2);
  requireSeconds('rotatingKeys({ longestToken })', longestToken, 1);
  return { every, publishedFirst, longestToken };
}
