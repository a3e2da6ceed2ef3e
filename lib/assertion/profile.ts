/** A profile of assertion grants: what a specification asks of them beyond RFC 7523. No code. */
import type { Claims } from '../types.js';

/** Who presents an assertion, and where. */
export interface PresentedAt {
  /** The client that has authenticated. */
  readonly clientID: string;
  /** The issuer identifier of this server. */
  readonly issuer: string;
}

/** A profile. If a trusted issuer has one, only assertions of this profile are accepted from that issuer. */
export interface AssertionProfile {
  /** Its name in the server's metadata, in `authorization_grant_profiles_supported`. */
  readonly name: string;
  /** The `typ` that its assertions must have, in lower case. @see RFC 8725 §3.11 */
  readonly type: string;
  /** What is wrong with the claims, for the operator; undefined if nothing is wrong. The signature and the rules of RFC 7523 §3 were checked before. */
  faultOf(claims: Claims, presented: PresentedAt): string | undefined;
}
