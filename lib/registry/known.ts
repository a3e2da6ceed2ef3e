/** The names of the options of `createServer` and of the grants. */

import { isNear, type OptionNames } from '../options.js';
import type { GrantOptions } from '../plugs.js';
import type { ServerOptions } from '../server-options.js';

/** oauth2orize's `store` does nothing: its stores have another shape than `transactions` takes. */
type OfOauth2orize = { readonly store?: unknown };

export const SERVER_OPTIONS: OptionNames<ServerOptions & OfOauth2orize> = {
  issuer: true,
  prefix: true,
  endpoints: true,
  clients: true,
  tokens: true,
  keys: true,
  clientID: true,
  authenticationEvent: true,
  redirectURIs: true,
  subject: true,
  name: true,
  transactions: true,
  anyPortForLocalhost: true,
  allowOrigins: true,
  now: true,
  store: true,
};

export const GRANT_OPTIONS: OptionNames<GrantOptions> = { scopeSeparator: true, modes: true };

/**
 * Each specification declares endpoints of its own, so any name may be right. But one that is nearly the name of an endpoint that there is
 * would have no effect.
 *
 * @param there endpoints that there are
 * @throws TypeError
 */
export function requireNoNearMiss(endpoints: object, there: readonly string[]): void {
  for (const name of Object.keys(endpoints)) {
    const meant = there.includes(name) ? undefined : there.find((each) => isNear(name, each));
    if (meant !== undefined)
      throw new TypeError(`createServer({ endpoints }) has no option ${name}. Did you mean ${meant}?`);
  }
}
