/** Options of the exchanges, in oauth2orize's `(options, issue)` form. */
export interface ExchangeOptions {
  /** Member of `ctx.state` where passport leaves the client. Default: that of `server.token()`. */
  readonly userProperty?: string;
  /** Separates scopes in a request; of several, the first that splits wins. Default a space, which is what the RFC has. */
  readonly scopeSeparator?: string | readonly string[];
}
