/** What requestObjects() takes. */
import { requireTimeout } from '../../http/fetch-text.js';
import { ASYMMETRIC, type AsymmetricAlgorithm } from '../../keys/asymmetric.js';
import { CLIENT_KEYS_OPTIONS, type ClientKeysOptions } from '../../keys/client-keys.js';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import type { Client } from '../../types.js';

/** Options of `requestObjects()`. */
export interface RequestObjectsOptions<C = Client> extends Omit<ClientKeysOptions<C>, 'now'> {
  /**
   * Whether every authorization request must be a signed object. Default: those of clients that registered `require_signed_request_object`, and
   * the others may be. Requests of CIBA must be signed then, too, in its own way; those of devices cannot be, and need not.
   *
   * @see RFC 9101 §10.5
   */
  readonly required?: boolean;
  /** The algorithms that are taken. Default: all with a private and a public key. A client that registered `request_object_signing_alg` uses that one. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /**
   * Seconds for which an object may be good: it must have `nbf` and `exp`, which are at most so far apart. Default:
   * both may be missing, and are obeyed where they are there.
   *
   * @example requestObjects({ maxLifetime: 3600 }) // FAPI 2.0 Message Signing §5.3.1
   */
  readonly maxLifetime?: number;
  /** Whether an object must say by `typ` that it is one: `oauth-authz-req+jwt`. Default: it may, and must not say that it is something else. @see RFC 9101 §10.8 */
  readonly requireTyp?: boolean;
  /**
   * Whether a client may send the URL of an object, one of its registered `request_uris`, from which this server fetches it. Default `true`.
   *
   * @see RFC 9101 §5.2, §10.4
   */
  readonly byReference?: boolean;
  /** Where it is remembered which objects were answered. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
}

const { now: _, ...OF_KEYS } = CLIENT_KEYS_OPTIONS;

const KNOWN: OptionNames<RequestObjectsOptions> = {
  ...OF_KEYS,
  required: true,
  algorithms: true,
  maxLifetime: true,
  requireTyp: true,
  byReference: true,
  store: true,
};

/** @throws TypeError for options that cannot be meant */
export function requireOptions<C>(options: RequestObjectsOptions<C>): void {
  requireKnown<RequestObjectsOptions<C>>(options, KNOWN, 'requestObjects');
  const { algorithms = ASYMMETRIC, maxLifetime = 1, fetchTimeout = 5 } = options;
  const known: readonly string[] = ASYMMETRIC;
  const other = algorithms.find((alg) => !known.includes(alg));
  if (algorithms.length === 0 || other !== undefined)
    throw new TypeError(`requestObjects({ algorithms }) are some of ${known.join(', ')}, not ${other}`);
  requireSeconds('requestObjects({ maxLifetime })', maxLifetime, 1);
  requireTimeout('requestObjects({ fetchTimeout })', fetchTimeout);
}
