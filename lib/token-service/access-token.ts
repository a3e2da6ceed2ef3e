import type { Scope } from '../types.js';
import { idOf, isOfKind, newSecret } from './secret.js';

/** What an access token says. Times in epoch seconds. */
export interface AccessTokenClaims {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly subject?: string | undefined;
  readonly scope: Scope;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface MintedToken {
  readonly token: string;
  /** What its record is stored under. */
  readonly id: string;
}

/** How access tokens look. */
export interface AccessTokens {
  mint(claims: AccessTokenClaims): Promise<MintedToken> | MintedToken;
  /** What a token's record is stored under; undefined for what cannot be one of ours. */
  idOf(token: string): Promise<string | undefined> | string | undefined;
  /** What introspection adds. @see RFC 7662 §2.2 */
  readonly introspection?: Readonly<Record<string, unknown>>;
}

/** Access tokens of 256 random bits that say nothing by themselves: the default. */
export function opaque(): AccessTokens {
  return {
    mint({ authorizationID }) {
      const token = newSecret('access_token', authorizationID);
      return { token, id: idOf(token) };
    },
    idOf: (token) => (isOfKind('access_token', token) ? idOf(token) : undefined),
  };
}
