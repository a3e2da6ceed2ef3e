/** Remembers used DPoP proofs. @see RFC 9449 §11.1 */
import { hash } from 'node:crypto';
import type { UseOnce } from '../../client-auth/assertion.js';
import { CLOCK_SKEW } from '../../clock.js';
import { OldestFirst } from '../../oldest-first.js';
import { GOOD_FOR, type GoodProof } from './proof.js';

/** Seconds for which a use is remembered after the proof has expired: clocks of machines that share a store differ, and may be set back. */
const REMEMBERED = 4 * CLOCK_SKEW;

/** Until when a proof must be remembered, in epoch seconds. */
export function rememberedUntil({ issuedAt }: GoodProof): number {
  return Math.ceil(issuedAt) + GOOD_FOR + REMEMBERED;
}

/** The name under which a use is remembered. It includes the key, so that nobody can use up the `jti` of another client, and is hashed, so that it is short. */
export function nameOf({ thumbprint, jti }: GoodProof): string {
  return `dpop ${hash('sha256', JSON.stringify([thumbprint, jti]), 'base64url')}`;
}

/** The most proofs that a process remembers, in some 20 MB. Beyond it, the oldest is forgotten. */
const MOST = 100_000;

/** Remembers uses in the memory of this process alone. */
export function usedHere(now: () => number, most = MOST): UseOnce {
  const used = new OldestFirst<number>();
  return (key, expiresAt) => {
    if ((used.get(key) ?? Number.NEGATIVE_INFINITY) > now()) return false;
    used.deleteWhile((end) => end <= now() || used.size >= most);
    used.set(key, expiresAt);
    return true;
  };
}
