/** Options of requestObjects(). */
import { requireTimeout } from '../../http/fetch-text.js';
import { ASYMMETRIC, type AsymmetricAlgorithm } from '../../keys/asymmetric.js';
import { CLIENT_KEYS_OPTIONS, type ClientKeysOptions } from '../../keys/client-keys.js';
import { type OptionNames, requireCount, requireKnown, requireSeconds } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import type { Client } from '../../types.js';

/** Options of `requestObjects()`. */
export interface RequestObjectsOptions<C = Client> extends Omit<ClientKeysOptions<C>, 'now'> {
  /**
   * Whether every authorization request must be a signed object. If it is true, CIBA requests must be signed, too, as CIBA defines it; device authorization
   * requests cannot be signed, and need not be. Default: only clients that registered `require_signed_request_object` must sign their requests; other clients
   * may.
   *
   * @see RFC 9101 §10.5
   */
  readonly required?: boolean;
  /** The accepted algorithms. Default: all asymmetric ones. A client that registered `request_object_signing_alg` must use that one. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /**
   * The most seconds for which an object may be valid: it must have `nbf` and `exp`, and the time between them is limited. Default: both are optional, and are
   * checked if they are there.
   *
   * @example requestObjects({ maxLifetime: 3600 }) // FAPI 2.0 Message Signing §5.3.1
   */
  readonly maxLifetime?: number;
  /** Whether an object must have the `typ` `oauth-authz-req+jwt`. Default: `typ` is optional, but must not name another kind of JWT. @see RFC 9101 §10.8 */
  readonly requireTyp?: boolean;
  /**
   * Whether a client may send the URL of an object, which this server then fetches. It must be one of the registered `request_uris`. Default `true`.
   *
   * @see RFC 9101 §5.2, §10.4
   */
  readonly byReference?: boolean;
  /**
   * How many objects a process fetches at once from the URLs of clients. Anybody can cause a fetch. Clients that anybody can make, by
   * `clientRegistration({ allowAnyone })` or `clientIDMetadata()`, have a separate bound of this size. Default 20.
   *
   * @see RFC 9101 §10.4.1
   */
  readonly atOnce?: number;
  /**
   * How many objects a process fetches from one host in a minute. Clients that anybody can make have a separate bound of this size. Anybody who visits the
   * authorization endpoint causes fetches, but each URL is fetched at most once in 5 s. A stranger can thus reach the bound only at a host of more than
   * `perHostAndMinute` / 12 registered `request_uris`, and then the users of all clients with an object at this host get 503 until the minute ends. URLs with the
   * hash of the object in the fragment are fetched once. Default 600.
   *
   * @see RFC 9101 §10.4.1, OpenID Connect Core §6.2
   */
  readonly perHostAndMinute?: number;
  /** Where answered objects are remembered. Default: the token service of `createServer({ tokens })`. */
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
  atOnce: true,
  perHostAndMinute: true,
  store: true,
};

/** @throws TypeError for invalid options */
export function requireOptions<C>(options: RequestObjectsOptions<C>): void {
  requireKnown<RequestObjectsOptions<C>>(options, KNOWN, 'requestObjects');
  const { algorithms = ASYMMETRIC, maxLifetime = 1, fetchTimeout = 5, atOnce = 1, perHostAndMinute = 1 } = options;
  const known: readonly string[] = ASYMMETRIC;
  const other = algorithms.find((alg) => !known.includes(alg));
  if (algorithms.length === 0 || other !== undefined)
    throw new TypeError(`requestObjects({ algorithms }) are some of ${known.join(', ')}, not ${other}`);
  requireSeconds('requestObjects({ maxLifetime })', maxLifetime, 1);
  requireTimeout('requestObjects({ fetchTimeout })', fetchTimeout);
  requireCount('requestObjects({ atOnce })', atOnce, 1);
  requireCount('requestObjects({ perHostAndMinute })', perHostAndMinute, 1);
}
