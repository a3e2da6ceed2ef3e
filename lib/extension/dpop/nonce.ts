/** Nonces that the server issues, and DPoP proofs must have. @see RFC 9449 §8 */
import { createHmac } from 'node:crypto';
import { epoch } from '../../clock.js';
import { warnOnce } from '../../errors/warning.js';
import { requireKnown } from '../../options.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import { random } from '../../secrets/random.js';
import type { Awaitable } from '../../types.js';

/** A source of nonces: `dpopNonces()`, or your own. */
export interface DPoPNonces {
  /** The nonce to send to clients now: characters that an HTTP header may have, without spaces, quotes and backslashes. */
  current(): Awaitable<string>;
  /** Whether this server has issued the nonce, and recently. */
  accepts(nonce: string): Awaitable<boolean>;
}

/** Options of `dpopNonces()`. */
export interface DPoPNonceOptions {
  /** At least 32 characters that nobody can guess, the same in all processes. Default: a random one, which suits a single process only. */
  readonly secret?: string;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Seconds after which there is a new nonce. The previous nonce is still accepted, and so is the next one, since clocks of machines differ. */
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
 * Nonces that change every minute. They are derived from the time and a secret, so that nothing is stored, and all processes with the secret accept each
 * other's nonces. A nonce is valid for one minute at least, and for two at most.
 *
 * They prevent that an attacker who can use a client's key for a moment makes proofs for later, and that proofs stay valid for as long as clocks may differ.
 * The first request of each client is answered with `use_dpop_nonce` and the nonce, so that it needs a second request.
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
      // the next one, too: the clock of the machine that issued it may be ahead of this machine's
      return [slot, slot - 1, slot + 1].some((each) => equalInConstantTime(nonceOf(each), nonce));
    },
  };
}
