/** Where a server has users asked on their own device, as a target names it. No code. */
import type { Awaitable } from '../../../types.js';
import type { Page } from '../http.js';
import type { AttackClient } from '../target.js';
import type { Visitor } from '../visitor.js';

/**
 * Who has users asked, and where the users see it.
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
  /** The page that a browser is shown for the request with this `binding_message`: the dialog for the user who was asked, and any other page for others. */
  open(visitor: Visitor, bindingMessage: string): Awaitable<Page>;
}
