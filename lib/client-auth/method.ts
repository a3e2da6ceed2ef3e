import type { Context } from 'koa';
import type { Finding } from '../findings.js';
import type { Awaitable, Client, ClientMetadata, Params } from '../types.js';

/** A request in which a client authenticates. */
export interface ClientRequest {
  readonly ctx: Context;
  readonly params: Params;
}

/** A request, with the client identifier that is verified. */
export interface ClientAttempt extends ClientRequest {
  /** The client identifier that the request claims. */
  readonly clientID: string;
  /** Whether the request is refused in any case, because the client does not exist or registered another method. `verify` must not mark anything as used then. */
  readonly isPretence?: boolean;
}

/** What a method may learn from the server, so that the application configures it only once. */
export interface MethodFacts {
  readonly issuer?: string | undefined;
  /** Remembers a key. Of concurrent callers with one key, in whatever process, exactly one gets `true`. */
  readonly useOnce?: ((key: string, expiresAt: number) => Awaitable<boolean>) | undefined;
  /** The time in epoch seconds. */
  readonly now?: (() => number) | undefined;
}

/** One way in which clients prove who they are. @see RFC 6749 §2.3 */
export interface ClientAuthMethod<C = Client> {
  /** Its name in `token_endpoint_auth_method`. @see RFC 7591 §2, §4.2 */
  readonly name: string;
  /** The signature algorithms that it accepts, for the metadata. @see RFC 8414 §2 */
  readonly algorithms?: readonly string[];
  /**
   * The client identifiers that the request may claim by this method, the likeliest first; none if the request does not use this method. It
   * does no I/O and verifies nothing.
   *
   * @throws TokenError `invalid_client` if the credentials are malformed
   */
  identify(request: ClientRequest): readonly string[];
  /**
   * Whether the request proves that it comes from this client. It is also called for requests that are refused in any case, so that a refusal takes as
   * long as a success: with another client if the claimed client does not exist; and, for the two methods that send a secret, with a client that
   * registered the other of the two methods. In that case only the throttle learns the result.
   *
   * @throws TokenError to refuse the request with another error code than `invalid_client`, or to give the operator a reason
   */
  verify(client: C, attempt: ClientAttempt): Awaitable<boolean>;
  /**
   * Takes from the server what its own options lack. Called at start, once for each middleware or strategy that the method is given to, also if that has
   * no server.
   *
   * @throws TypeError if something is still missing
   * @throws Error if its options and the server differ
   */
  connect?(server: MethodFacts): void;
  /** Checks the members of a client's registration that this method reads. @throws OAuth2Error `invalid_client_metadata` */
  judge?(metadata: ClientMetadata): void;
  /** What it finds in its own options: for the report of `server.check()`. */
  findings?(): readonly Finding[];
}
