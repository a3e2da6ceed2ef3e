/** Whether a JWT of this server is still valid. */
import { claimsIn, readJWS } from '../keys/jws.js';
import type { SigningKeys } from '../plugs.js';

/** The issuer and the keys of valid tokens. */
export interface Publisher {
  readonly issuer: string;
  readonly keys: SigningKeys;
}

/**
 * Whether a token names the issuer and a published key. A key that is not published any more has been retired or revoked, and so are its tokens.
 *
 * @see RFC 7517 §5
 */
export function isPublishedBy({ issuer, keys }: Publisher, token: string): boolean {
  const jws = readJWS(token);
  return keys.find(jws.header.kid) !== undefined && claimsIn(jws).iss === issuer;
}
