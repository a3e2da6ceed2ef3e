import type { Context } from 'koa';
import type { Awaitable, Client, Params } from '../types.js';

/** A request in which a client says who it is. */
export interface ClientRequest {
  readonly ctx: Context;
  readonly params: Params;
}

/** The same, once it is known whom the request names. */
export interface ClientAttempt extends ClientRequest {
  /** The client identifier that the request claims. */
  readonly clientID: string;
  /** Whether the request is refused in any case: there is no such client, or it registered another method. Nothing may be used up. */
  readonly isPretence?: boolean;
}

/** One way in which clients prove who they are. @see RFC 6749 §2.3 */
export interface ClientAuthMethod<C = Client> {
  /** Its name in `token_endpoint_auth_method`. @see RFC 7591 §2, §4.2 */
  readonly name: string;
  /** Signature algorithms it takes, for the metadata. @see RFC 8414 §2 */
  readonly algorithms?: readonly string[];
  /**
   * The client identifiers that the request may claim in this way, the likeliest first; none when it is not made in this way. No
   * I/O, and nothing is proved yet.
   *
   * @throws TokenError `invalid_client` when it is malformed
   */
  identify(request: ClientRequest): readonly string[];
  /**
   * Whether the request proves to come from this client. It is also asked about requests that are refused in any case, so that what is wrong takes
   * as long as what is right: about another client than the one that is claimed; of the two methods that send a secret, about a client that
   * registered the other one, where the answer is for the throttle.
   *
   * @throws TokenError to refuse in other words than `invalid_client`
   */
  verify(client: C, attempt: ClientAttempt): Awaitable<boolean>;
}
