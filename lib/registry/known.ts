/** The known names of the options of `createServer` and of the grants, and of the members of `Allowed`. */

import type { OptionNames } from '../options.js';
import type { Allowed, GrantOptions } from '../plugs.js';
import type { ServerOptions } from '../server-options.js';

/** The option `store` of oauth2orize is accepted and ignored: its stores have another interface than `transactions`. */
type OfOauth2orize = { readonly store?: unknown };

export const SERVER_OPTIONS: OptionNames<ServerOptions & OfOauth2orize> = {
  issuer: true,
  allowPlainHTTP: true,
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

/** The members of `Allowed` that no extension has declared. */
export const ALLOWED: readonly (keyof Allowed)[] = [
  ...(['user', 'subject', 'within', 'refreshToken'] as const),
  ...(['clientID', 'redirectURI', 'scope', 'request', 'authentication'] as const),
  ...(['audience', 'notes', 'confirmation', 'endsAt'] as const),
];
