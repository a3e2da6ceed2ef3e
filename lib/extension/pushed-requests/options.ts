/** What pushedRequests() takes. */
import { type OptionNames, requireCount, requireKnown, requireSeconds } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import { requireLocation } from '../../registry/locations.js';

/** Options of `pushedRequests()`. */
export interface PushedRequestsOptions {
  /**
   * Whether every client must push its requests. If not, those must that registered
   * `require_pushed_authorization_requests`; a value of it that cannot be read counts as true. Default: false.
   *
   * @see RFC 9126 §5, §6
   */
  readonly required?: boolean;
  /** Seconds for which a browser may come with a request URI: 5 to 600. Default 60. @see RFC 9126 §2.2 */
  readonly lifetime?: number;
  /**
   * How many requests of one public client are taken in a minute, in all processes; 0 for none. Anybody can send requests in the name of a public
   * client, and each is kept for `lifetime` and 10 minutes. Whoever fills them keeps the users of that client out for the rest of the minute. Clients that
   * authenticate are not counted: where strangers can have such clients (`clientRegistration({ allowAnyone })`, `clientIDMetadata()`), limit requests by address, too. Default 100.
   */
  readonly publicPerMinute?: number;
  /** Where requests are kept. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
  /** Where the endpoint is, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/par`. */
  readonly url?: string;
  /** Member of `ctx.state` where passport leaves the client. Default `user`. */
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
