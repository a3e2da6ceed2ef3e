import type { Context } from 'koa';
import type { Finding } from '../findings.js';
import type { Awaitable, Client, ClientMetadata, Params } from '../types.js';

/** A request in which a client says who it is. */
export interface ClientRequest {
  readonly ctx: Context;
  readonly params: Params;
}

/** The same, with the client identifier that is verified. */
export interface ClientAttempt extends ClientRequest {
  /** The client identifier that the request claims. */
  readonly clientID: string;
  /** Whether the request is refused in any case, because the client does not exist or registered another method. `verify` must not mark anything as used then. */
  readonly isPretence?: boolean;
}

/** What a method may learn from the server, so that it need not be said twice. */
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
   * The client identifiers that the request may claim by this method, the likeliest first; none where the request does not use this method. It
   * does no I/O and proves nothing.
   *
   * @throws TokenError `invalid_client` when it is malformed
   */
  identify(request: ClientRequest): readonly string[];
  /**
   * Whether the request proves to come from this client. It is also called for requests that are refused in any case, so that a refusal takes as
   * long as a success: with another client than the claimed one, where that does not exist; and, for the two methods that send a secret, with a
   * client that registered the other one, where the result is for the throttle.
   *
   * @throws TokenError for a refusal with another error code than `invalid_client`, or with a reason for the operator
   */
  verify(client: C, attempt: ClientAttempt): Awaitable<boolean>;
  /**
   * Learns what it was not told itself; called at start, once for each middleware or strategy that it is given to, without a server too.
   *
   * @throws TypeError where something is still missing
   * @throws Error where both were told different things
   */
  connect?(server: MethodFacts): void;
  /** Judges the members of a registration that it reads. @throws OAuth2Error `invalid_client_metadata` */
  judge?(metadata: ClientMetadata): void;
  /** What it finds in its own options: for the report of `server.check()`. */
  findings?(): readonly Finding[];
}
