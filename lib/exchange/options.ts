/** Options of the exchanges, in oauth2orize's `(options, issue)` form. */
export interface ExchangeOptions {
  /** The member of `ctx.state` where passport puts the client. Default: the option of `server.token()`. */
  readonly userProperty?: string;
  /** Separates scopes in a request; of several separators, the first that occurs is used. Default: a space, as RFC 6749 §3.3 requires. */
  readonly scopeSeparator?: string | readonly string[];
}
