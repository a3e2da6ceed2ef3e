/** The members that token exchange adds to token requests, authorizations and errors. */
import type { Claims } from '../../types.js';

/** The stored origin of an authorization that was made by an exchange. */
export interface Exchanged {
  /** Claims for its access tokens: `act`, `may_act`, and those that `allow` returned. */
  readonly claims?: Claims | undefined;
}

declare module '../../types.js' {
  interface ServerMetadata {
    /** @see draft-ietf-oauth-identity-chaining-17 §3 */
    readonly identity_chaining_requested_token_types_supported?: readonly string[];
  }
  interface TokenRequest {
    /** `requested_token_type`: what the client asks for. @see RFC 8693 §2.1 */
    readonly requestedTokenType?: string | undefined;
  }
  interface Authorization {
    /** The exchange that made the authorization, if one did. @see RFC 8693 §2 */
    readonly exchanged?: Exchanged | undefined;
  }
}
