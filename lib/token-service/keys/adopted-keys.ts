/** Keys that have signed before the store had any: those of a `keySet()`. */
import type { JWK } from 'jose';
import { toError } from '../../errors/to-oauth2-error.js';
import { thumbprintOf } from '../../keys/jwk.js';
import { type LoadedKey, loadSigning } from '../../keys/loaded-key.js';
import type { RotatingKeysOptions } from './options.js';
import { type Dated, publishedUntil, type Times } from './schedule.js';
import { idAfter, type SharedKeys } from './shared-keys.js';

/** A key that can be taken over. */
interface AdoptedKey extends Pick<LoadedKey, 'alg' | 'kid'> {
  readonly jwk: JWK;
}

async function loaded(jwk: JWK): Promise<AdoptedKey> {
  try {
    if ('publicKey' in jwk) throw new TypeError('A key elsewhere cannot be kept in the store');
    const { alg, kid } = await loadSigning(jwk);
    return { alg, kid, jwk };
  } catch (cause) {
    throw new TypeError(`rotatingKeys({ adopt }): ${toError(cause).message}`, { cause });
  }
}

/**
 * Every key signs once, before any of them is stored: one that cannot sign would stop each process that reads it.
 *
 * @throws TypeError
 */
async function adoptable(adopt: readonly JWK[]): Promise<readonly AdoptedKey[]> {
  const keys = await Promise.all(adopt.map(loaded));
  const [twice] = keys.filter(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index);
  if (twice) throw new TypeError(`rotatingKeys({ adopt }): Two keys have the kid ${twice.kid}`);
  return keys;
}

/**
 * It counts as known everywhere, and as older than the keys that are there: it signs only until one of these is known. It is published until the last
 * token that it can have signed has ended.
 *
 * @param place among the adopted keys: the first of them signs
 * @param keys of its algorithm
 */
function adoptedAt(place: number, keys: readonly Dated[], now: number, times: Times): Omit<Dated, 'kid'> {
  const known = now - times.publishedFirst - times.every;
  const oldest = Math.min(known, ...keys.map(({ createdAt }) => createdAt - 1));
  return { createdAt: oldest - place, until: publishedUntil(known, times) };
}

/**
 * Takes over the keys that have signed until now, each once, in all processes.
 *
 * @throws TypeError for a key that cannot be taken over: then nothing is stored
 */
export async function adoptKeys(
  shared: SharedKeys,
  { name = 'keys', adopt = [] }: RotatingKeysOptions,
  times: Times,
  now: number,
): Promise<void> {
  if (adopt.length === 0) return;
  const adopted = await adoptable(adopt);
  const keys = await shared.list(now);
  for (const [place, { alg, jwk }] of adopted.entries()) {
    const others = keys.filter((key) => key.alg === alg);
    const id = idAfter(name, alg, `adopted ${thumbprintOf(jwk)}`, 0);
    await shared.adopt(id, jwk, adoptedAt(place, others, now, times), now);
  }
}
