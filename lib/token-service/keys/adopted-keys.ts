/** Keys that signed before the server kept its keys in the store, such as those of a `keySet()`. */
import type { JWK } from 'jose';
import { toError } from '../../errors/to-oauth2-error.js';
import { thumbprintOf } from '../../keys/jwk.js';
import { type LoadedKey, loadSigning } from '../../keys/loaded-key.js';
import type { RotatingKeysOptions } from './options.js';
import { type Dated, publishedUntil, type Times } from './schedule.js';
import { idAfter, type SharedKeys } from './shared-keys.js';

/** A key that can be adopted. */
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
 * Loads the keys, and makes a test signature with each of them before any is stored. A key that cannot sign would stop every process that reads it.
 *
 * @throws TypeError if a key cannot sign, or two keys have the same `kid`
 */
async function adoptable(adopt: readonly JWK[]): Promise<readonly AdoptedKey[]> {
  const keys = await Promise.all(adopt.map(loaded));
  const [twice] = keys.filter(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index);
  if (twice) throw new TypeError(`rotatingKeys({ adopt }): Two keys have the kid ${twice.kid}`);
  return keys;
}

/** @throws TypeError if `algorithms` is left out, and no key has its default: a new key, which no API knows yet, would sign at once */
function requireUsual(algorithms: RotatingKeysOptions['algorithms'], keys: readonly AdoptedKey[]): void {
  if (algorithms !== undefined || keys.some(({ alg }) => alg === 'RS256')) return;
  const found = [...new Set(keys.map(({ alg }) => alg))].map((alg) => `'${alg}'`).join(', ');
  throw new TypeError(
    `rotatingKeys({ adopt }) has no key for RS256, the default of algorithms: set algorithms: [${found}]`,
  );
}

/**
 * The dates of an adopted key. All APIs know the key already, and it must be older than the keys of the store, so that it signs only until APIs know one of
 * those. It stays published until the last token that it can have signed has expired.
 *
 * @param place the index among the adopted keys: the first one signs
 * @param keys the keys in the store with the same algorithm
 */
function adoptedAt(place: number, keys: readonly Dated[], now: number, times: Times): Omit<Dated, 'kid'> {
  const known = now - times.publishedFirst - times.every;
  const oldest = Math.min(known, ...keys.map(({ createdAt }) => createdAt - 1));
  return { createdAt: oldest - place, until: publishedUntil(known, times) };
}

/**
 * Stores the keys of the option `adopt`. Each key is stored only once, however many processes start with it.
 *
 * @throws TypeError if one of the keys cannot be adopted; then none of them is stored
 */
export async function adoptKeys(
  shared: SharedKeys,
  { name = 'keys', adopt = [], algorithms }: RotatingKeysOptions,
  times: Times,
  now: number,
): Promise<void> {
  if (adopt.length === 0) return;
  const adopted = await adoptable(adopt);
  requireUsual(algorithms, adopted);
  const keys = await shared.list(now);
  for (const [place, { alg, jwk }] of adopted.entries()) {
    const others = keys.filter((key) => key.alg === alg);
    const id = idAfter(name, alg, `adopted ${thumbprintOf(jwk)}`, 0);
    await shared.adopt(id, jwk, adoptedAt(place, others, now, times), now);
  }
}
