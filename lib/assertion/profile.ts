/** A profile of assertion grants: what a specification asks of them beyond RFC 7523. No code. */
import type { Claims } from '../types.js';

/** Who presents an assertion, and where. */
export interface PresentedAt {
  /** The client that has authenticated. */
  readonly clientID: string;
  /** The issuer identifier of this server. */
  readonly issuer: string;
}

/** A profile: at a trusted issuer that has one, no other assertions are accepted. */
export interface AssertionProfile {
  /** How the metadata names it, in `authorization_grant_profiles_supported`. */
  readonly name: string;
  /** The `typ` that its assertions must have, in lower case. @see RFC 8725 §3.11 */
  readonly type: string;
  /** What is wrong with the claims, for the operator; undefined when nothing is. The signature and what RFC 7523 §3 asks were right. */
  faultOf(claims: Claims, presented: PresentedAt): string | undefined;
}
