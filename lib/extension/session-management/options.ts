/** Options of `sessionManagement()`. */
import type { Context } from 'koa';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Awaitable } from '../../types.js';

/** Options of `sessionManagement()`. */
export interface SessionManagementOptions<U = unknown> {
  /**
   * Returns the user who is logged in, by the present session of your application; undefined if nobody is. It is called at the end of each request, after a
   * login or a logout. The result is passed to `subject` and `authenticationEvent` of `createServer()`.
   */
  readonly user: (ctx: Context) => Awaitable<U | null | undefined>;
  /**
   * A secret of 32 characters or more, the same in all processes. The cookie is a hash keyed with it, so that the cookie does not disclose who is logged in.
   */
  readonly secret: string;
  /** The name of the cookie that the page reads. Several servers at one host need several names. Default `op_state`. */
  readonly cookie?: string;
  /** Where the page is mounted, for the metadata: a path below the issuer, or a URL of the same origin as the login. Default: what `createServer({ endpoints })` says, or `/session/check`. */
  readonly url?: string;
}

const KNOWN: OptionNames<SessionManagementOptions> = { user: true, secret: true, cookie: true, url: true };

/** In characters. A shorter secret could be found by brute force. */
const SHORTEST_SECRET = 32;

/** RFC 6265 §4.1.1 allows more characters. These need no escape in a script either. */
const COOKIE_NAME = /^[A-Za-z0-9_-]+$/;

/** @throws TypeError for invalid options */
export function requireOptions<U>(options: SessionManagementOptions<U>): void {
  requireKnown<SessionManagementOptions<U>>(options, KNOWN, 'sessionManagement');
  const { user, secret, cookie, url } = options;
  if (typeof user !== 'function')
    throw new TypeError('sessionManagement({ user }) is a function that gives the user who is logged in');
  if (typeof secret !== 'string' || secret.length < SHORTEST_SECRET)
    throw new TypeError(`sessionManagement({ secret }) is a text of ${SHORTEST_SECRET} characters or more`);
  if (cookie !== undefined && !COOKIE_NAME.test(cookie))
    throw new TypeError('sessionManagement({ cookie }) is a name of letters, digits, _ and -');
  if (url !== undefined) requireLocation(url, 'sessionManagement({ url })');
}

export function cookieOf<U>({ cookie = 'op_state' }: SessionManagementOptions<U>): string {
  return cookie;
}
