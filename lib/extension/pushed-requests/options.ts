/** Options of pushedRequests(). */
import { type OptionNames, requireCount, requireKnown, requireSeconds } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import { requireLocation } from '../../registry/locations.js';

/** Options of `pushedRequests()`. */
export interface PushedRequestsOptions {
  /**
   * Whether every client must push its requests. If it is false, only clients must that registered `require_pushed_authorization_requests`; a malformed value
   * of that member counts as true. Default: false.
   *
   * @see RFC 9126 §5, §6
   */
  readonly required?: boolean;
  /** Seconds for which a browser may come with a request URI: 5 to 600. Default 60. @see RFC 9126 §2.2 */
  readonly lifetime?: number;
  /**
   * How many requests of one client are accepted in a minute, by all processes together, if strangers can send them; 0 for none. These are public clients, and
   * clients that anybody can make: by `clientRegistration({ allowAnyone })` or `clientIDMetadata()`, also if they authenticate. Each request is stored for
   * `lifetime` and 10 minutes. A stranger who reaches this limit of a public client locks its users out for the rest of the minute. A stranger can make several
   * clients: limit the requests of each IP address, too. Default 100.
   */
  readonly publicPerMinute?: number;
  /** Where requests are stored. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
  /** The endpoint, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/par`. */
  readonly url?: string;
  /** The member of `ctx.state` where client authentication leaves the client. Default `user`. */
  readonly userProperty?: string;
}

const KNOWN: OptionNames<PushedRequestsOptions> = {
  required: true,
  lifetime: true,
  publicPerMinute: true,
  store: true,
  url: true,
  userProperty: true,
};

/** @throws TypeError */
export function requireOptions(options: PushedRequestsOptions): void {
  requireKnown<PushedRequestsOptions>(options, KNOWN, 'pushedRequests');
  const { lifetime = 60, publicPerMinute = 100, url } = options;
  requireSeconds('pushedRequests({ lifetime })', lifetime, 5, 600);
  requireCount('pushedRequests({ publicPerMinute })', publicPerMinute, 0);
  if (url !== undefined) requireLocation(url, 'pushedRequests({ url })');
}
