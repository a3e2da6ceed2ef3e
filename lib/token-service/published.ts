/** Whether a JWT of this server counts still. */
import { claimsIn, readJWS } from '../keys/jws.js';
import type { SigningKeys } from '../plugs.js';

/** Whose tokens count. */
export interface Publisher {
  readonly issuer: string;
  readonly keys: SigningKeys;
}

/** A key that is not published any more has ended, or was revoked: what it has signed is good nowhere. @see RFC 7517 §5 */
export function isPublishedBy({ issuer, keys }: Publisher, token: string): boolean {
  const jws = readJWS(token);
  return keys.find(jws.header.kid) !== undefined && claimsIn(jws).iss === issuer;
}
