/** Options of `logout()`, and their checks. */
import type { Context } from 'koa';
import { type Fetch, requireTimeout } from '../../http/fetch-text.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Awaitable } from '../../types.js';

/** Options of `logout()`. */
export interface LogoutOptions {
  /** Ends the session of the user at your application, such as `ctx.logout()` of passport or `ctx.session = null`. */
  readonly end: (ctx: Context) => Awaitable<unknown>;
  /**
   * Asks the user even if the request has a valid `id_token_hint` for the user and the session that are logged in here. Default `false`: with such a hint, the
   * user is not asked.
   */
  readonly alwaysAsk?: boolean;
  /** Where the endpoint is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/logout`. */
  readonly url?: string;
  /** The member of `ctx.state` that is the logged-in user. Default `user`. */
  readonly userProperty?: string;
  /** The most seconds that the user waits while clients are notified by the back channel. Remaining notifications are sent in the background. Default 2. */
  readonly wait?: number;
  /** Seconds within which a client must have answered a logout token. Default 5. */
  readonly timeout?: number;
  /**
   * Posts logout tokens to URLs that clients registered. Default `publicFetch()`, which connects to public addresses only, against SSRF. If the issuer is on a
   * loopback host, loopback addresses are allowed, too.
   */
  readonly fetch?: Fetch;
}

const KNOWN: OptionNames<LogoutOptions> = {
  end: true,
  alwaysAsk: true,
  url: true,
  userProperty: true,
  wait: true,
  timeout: true,
  fetch: true,
};

/** @throws TypeError for invalid options */
export function requireOptions(options: LogoutOptions): void {
  requireKnown<LogoutOptions>(options, KNOWN, 'logout');
  const { end, url, wait = 1, timeout = 1 } = options;
  if (typeof end !== 'function')
    throw new TypeError('logout({ end }) is a function that ends the session of the user at your application');
  if (url !== undefined) requireLocation(url, 'logout({ url })');
  requireTimeout('logout({ wait })', wait);
  requireTimeout('logout({ timeout })', timeout);
}
