import type { OptionNames } from '../options.js';

/** Options of the exchanges, in oauth2orize's `(options, issue)` form. */
export interface ExchangeOptions {
  /** The member of `ctx.state` where passport puts the client. Default: the option of `server.token()`. */
  readonly userProperty?: string;
  /** Separates scopes in a request; of several separators, the first that occurs is used. Default: a space, as RFC 6749 §3.3 requires. */
  readonly scopeSeparator?: string | readonly string[];
}

/**
 * Every exchange accepts all of them, even one that it does not use, such as `scopeSeparator` for codes: an application may give one object to all exchanges.
 */
export const EXCHANGE_OPTIONS: OptionNames<ExchangeOptions> = { userProperty: true, scopeSeparator: true };
