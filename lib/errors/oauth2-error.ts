import { visible } from './one-line.js';

/** What an error may carry besides its message and code. */
export interface OAuth2ErrorOptions {
  /** The underlying failure, for the operator. It is never sent. */
  readonly cause?: unknown;
  /** Header fields of the response, such as `Retry-After`. They are left out if the error is sent to the client by redirect. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the response, beside `error` and `error_description`. */
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
  /** Koa's flag: the message may be sent to the client, and Koa's own logger skips the error. */
  readonly expose: boolean;
  /** Header fields of the response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the response. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(message?: string, code = 'server_error', uri?: string, status = 500, options?: OAuth2ErrorOptions) {
    super(message && visible(message), options); // the message may repeat what a stranger sent, and is logged
    this.code = code;
    this.uri = uri;
    this.status = status;
    this.expose = status < 500;
    this.headers = options?.headers ?? {};
    this.members = options?.members ?? {};
  }
}
