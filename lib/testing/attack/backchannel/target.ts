/** The part of an attack target for CIBA. No code. */
import type { Awaitable } from '../../../types.js';
import type { Page } from '../http.js';
import type { AttackClient } from '../target.js';
import type { Visitor } from '../visitor.js';

/**
 * The clients that use CIBA, and the page on which users decide.
 *
 * @example const backchannel: AttackBackchannel = { client: till, loginHint: 'alice', open: (visitor, message) => visitor.get(`https://as.example/asked?message=${encodeURIComponent(message)}`) };
 * @see OpenID Connect Client-Initiated Backchannel Authentication
 */
export interface AttackBackchannel {
  /** A confidential client that polls. Its `redirect_uri` is not used. Default scope: `openid`. */
  readonly client: AttackClient;
  /** A client that registered the algorithm of its `signing_key` for its requests. */
  readonly signingClient?: AttackClient | undefined;
  /** The `login_hint` of the user of `login`. */
  readonly loginHint: string;
  /** Opens the page for the request with this `binding_message`: the dialog, if the user who was asked is logged in, and any other page for other users. */
  open(visitor: Visitor, bindingMessage: string): Awaitable<Page>;
}
