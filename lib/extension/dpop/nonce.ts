/** Nonces of the server's own, which DPoP proofs must have. @see RFC 9449 §8 */
import { createHmac } from 'node:crypto';
import { epoch } from '../../clock.js';
import { warnOnce } from '../../errors/warning.js';
import { requireKnown } from '../../options.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import { random } from '../../secrets/random.js';
import type { Awaitable } from '../../types.js';

/** Where nonces come from: `dpopNonces()`, or nonces of your own. */
export interface DPoPNonces {
  /** The nonce that clients are told now: characters that an HTTP header may have, without spaces, quotes and backslashes. */
  current(): Awaitable<string>;
  /** Whether a nonce is one of this server's, and recent. */
  accepts(nonce: string): Awaitable<boolean>;
}

/** Options of `dpopNonces()`. */
export interface DPoPNonceOptions {
  /** At least 32 characters that nobody can guess, the same in all processes. Default: made up, for a single process. */
  readonly secret?: string;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Seconds after which there is a new nonce. It is good until the next one ends, and for machines whose clocks are late. */
const SLOT = 60;

const SHORTEST_SECRET = 32;

/** @throws TypeError */
function requireSecret(secret: string): string {
  if (typeof secret === 'string' && secret.length >= SHORTEST_SECRET) return secret;
  throw new TypeError(
    `dpopNonces({ secret }) is a text of at least ${SHORTEST_SECRET} characters that nobody can guess`,
  );
}

function madeUp(): string {
  warnOnce(
    'KOAUTHORIZE_DPOP_NONCES',
    'dpopNonces() has no secret and makes one up: with several processes, each refuses the nonces of the others.',
  );
  return random(SHORTEST_SECRET);
}

/**
 * Nonces that change every minute. They are made from the time and a secret, so that nothing is stored, and every process that has the secret
 * takes those of the others. A nonce is good for one minute at least, and for two at most.
 *
 * They keep whoever had a client's key for a moment from making proofs for later, and proofs from being good for as long as clocks may differ.
 * Each client's first request is answered with `use_dpop_nonce` and the nonce, which costs it a second request.
 *
 * @throws TypeError for a secret that is too short
 * @example
 * const nonces = dpopNonces({ secret });
 * server.extend(dpop({ nonces }));
 * bearer({ verify, proofs: [dpopProof({ nonces })] });
 * @see RFC 9449 §8, §9, §11.2
 */
export function dpopNonces(options: DPoPNonceOptions = {}): DPoPNonces {
  requireKnown<DPoPNonceOptions>(options, { secret: true, now: true }, 'dpopNonces');
  const { secret, now = epoch } = options;
  const key = secret === undefined ? madeUp() : requireSecret(secret);
  const nonceOf = (slot: number): string => createHmac('sha256', key).update(`dpop nonce ${slot}`).digest('base64url');
  const slotNow = (): number => Math.floor(now() / SLOT);
  return {
    current: () => nonceOf(slotNow()),
    accepts(nonce) {
      const slot = slotNow();
      // the next one, too: the clock of the machine that made it may be ahead of this one's
      return [slot, slot - 1, slot + 1].some((each) => equalInConstantTime(nonceOf(each), nonce));
    },
  };
}
