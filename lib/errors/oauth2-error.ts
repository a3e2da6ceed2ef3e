/** What an error may carry besides its message and code. */
export interface OAuth2ErrorOptions {
  /** What went wrong underneath: for the operator, never sent. */
  readonly cause?: unknown;
  /** Fields of the answer's header. Not sent by way of a browser. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the answer, beside `error` and `error_description`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * An error of the protocol. Its message is for the client's developer and is sent as `error_description`; its `cause` is for the
 * operator and is not.
 *
 * @example throw new OAuth2Error('Try again later', 'temporarily_unavailable', undefined, 503)
 * @see RFC 6749 §4.1.2.1, §5.2
 */
export class OAuth2Error extends Error {
  override name = 'OAuth2Error';
  readonly code: string;
  /** A page with information about the error, sent as `error_uri`. */
  readonly uri: string | undefined;
  readonly status: number;
  /** Koa's word for: the client may know, and the log need not. */
  readonly expose: boolean;
  /** Fields of the answer's header. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the answer. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(message?: string, code = 'server_error', uri?: string, status = 500, options?: OAuth2ErrorOptions) {
    super(message, options);
    this.code = code;
    this.uri = uri;
    this.status = status;
    this.expose = status < 500;
    this.headers = options?.headers ?? {};
    this.members = options?.members ?? {};
  }
}
