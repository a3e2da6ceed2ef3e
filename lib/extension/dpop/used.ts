/** Which DPoP proofs were used. @see RFC 9449 §11.1 */
import { hash } from 'node:crypto';
import type { UseOnce } from '../../client-auth/assertion.js';
import { CLOCK_SKEW } from '../../clock.js';
import { OldestFirst } from '../../oldest-first.js';
import { GOOD_FOR, type GoodProof } from './proof.js';

/** Seconds for which a use is remembered beyond the end of the proof: the clocks of machines that share a store differ, and step back. */
const REMEMBERED = 4 * CLOCK_SKEW;

/** Until when a proof must be remembered, in epoch seconds. */
export function rememberedUntil({ issuedAt }: GoodProof): number {
  return Math.ceil(issuedAt) + GOOD_FOR + REMEMBERED;
}

/** What names a proof: with its key, so that nobody can use up the `jti` of another client, and hashed, so that it is short. */
export function nameOf({ thumbprint, jti }: GoodProof): string {
  return `dpop ${hash('sha256', JSON.stringify([thumbprint, jti]), 'base64url')}`;
}

/** Of so many proofs, some 20 MB, the oldest is forgotten for the next one. */
const MOST = 100_000;

/** Remembers in this process alone. */
export function usedHere(now: () => number, most = MOST): UseOnce {
  const used = new OldestFirst<number>();
  return (key, expiresAt) => {
    if ((used.get(key) ?? Number.NEGATIVE_INFINITY) > now()) return false;
    used.deleteWhile((end) => end <= now() || used.size >= most);
    used.set(key, expiresAt);
    return true;
  };
}
