/** Keys that are made, published, used and retired automatically, and are the same in all processes. */
import type { JWK } from 'jose';
import { epoch } from '../../clock.js';
import type { Finding } from '../../findings.js';
import { generateSigningKey } from '../../keys/key-set.js';
import type { SigningAlgorithm } from '../../keys/loaded-key.js';
import type { SigningKey, SigningKeys } from '../../plugs.js';
import type { KeyRotation } from '../../signing-keys.js';
import { StoreUnavailableError } from '../store.js';
import { timed } from '../timed.js';
import { adoptKeys } from './adopted-keys.js';
import { encryptionOf, findingsOfEncryption } from './encryption.js';
import { type RotatingKeysOptions, requireRotation, timesOf, warn } from './options.js';
import {
  choose,
  inOrder,
  isKnown,
  needsAnother,
  newest,
  prolongedUntil,
  publishedUntil,
  type Times,
  tooShort,
} from './schedule.js';
import { idAfter, type SharedKey, SharedKeys } from './shared-keys.js';

/** Seconds between two reads of the store. */
const INTERVAL = 60;

/** The most seconds to wait for the store. */
const TIMEOUT = 5;

/** The keys of `rotatingKeys()`. @example const withKeys = (keys: RotatingKeys) => createServer<App, User>({ keys, tokens }).extend(jwks(keys)); */
export class RotatingKeys implements SigningKeys {
  readonly #options: RotatingKeysOptions;
  readonly #times: Times;
  readonly #algorithms: readonly SigningAlgorithm[];
  readonly #shared: SharedKeys;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #keys: readonly SharedKey[] = [];

  /** @internal */
  constructor(options: RotatingKeysOptions) {
    requireRotation(options);
    const { store, name = 'keys', algorithms = ['RS256'], now = epoch, onError = warn } = options;
    this.#options = options;
    this.#times = timesOf(options);
    this.#algorithms = algorithms;
    const { longestToken } = this.#times;
    const encryption = encryptionOf(options);
    this.#shared = new SharedKeys(timed(store, TIMEOUT), { name, encryption, longestToken, algorithms, onError });
    this.#now = now;
    this.#timer = setInterval(() => void this.refresh().catch(onError), INTERVAL * 1000).unref();
  }

  /** Adopts the keys of the option `adopt`, and reads the store. @internal */
  async start(): Promise<void> {
    await adoptKeys(this.#shared, this.#options, this.#times, this.#now());
    await this.refresh();
  }

  signing(alg?: string): SigningKey {
    const key = alg === undefined ? this.#usual() : this.#choose(alg);
    if (key) return key.signing;
    if (alg !== undefined && !this.#isOurs(alg))
      throw new Error(`No signing key is for ${alg}: there are ${this.#algorithms.join(', ')}`);
    throw new StoreUnavailableError('Every known key has expired, and the store could not be asked for a new one');
  }

  find(kid: string | undefined): SigningKey | undefined {
    return this.#published().find((key) => key.kid === kid)?.verifying;
  }

  rotation(): KeyRotation {
    return { ...this.#times, createdAt: this.#keys.map(({ createdAt }) => createdAt) };
  }

  findings(): readonly Finding[] {
    return findingsOfEncryption(this.#options);
  }

  jwks(): { readonly keys: readonly JWK[] } {
    return { keys: this.#published().map(({ jwk }) => jwk) };
  }

  /**
   * Reads the store now, and makes new keys if they are due. It is also called every minute.
   *
   * @throws StoreUnavailableError if the store does not answer
   * @throws Error if none of the keys of an algorithm can be decrypted. If others can, the key is left out, and `onError` is called
   */
  async refresh(): Promise<void> {
    const now = this.#now();
    let keys = await this.#shared.list(now);
    if (await this.#prolong(keys, now)) keys = await this.#shared.list(now);
    // if another process was first, its key is used. A revoked key must not prevent its successor from being made: the second attempt has another ID
    for (const attempt of [0, now]) {
      const added = await this.#addMissing(keys, now, attempt);
      if (added) keys = await this.#shared.list(now);
    }
    this.#keys = inOrder(keys, this.#algorithms);
  }

  /**
   * Revokes a key that somebody may have stolen: it is not published any more, and this server does not accept its signatures. The other processes follow
   * within a minute; APIs that cache the key set, when their cache expires. A new key is made at once.
   *
   * @throws Error if no key has this `kid`: after a typing error, the stolen key would otherwise stay in use unnoticed
   */
  async revoke(kid: string): Promise<void> {
    const now = this.#now();
    const keys = await this.#shared.list(now);
    const ended = keys.filter((key) => key.kid === kid);
    // the key may be missing in the store only: an earlier call removed it, and then failed. The repeated call must succeed
    if (ended.length === 0 && !this.#keys.some((key) => key.kid === kid))
      throw new Error(`No signing key has the kid ${JSON.stringify(kid)}`);
    for (const key of ended) {
      // the successor is stored first. Its ID is not derived as usual: a process that revokes the same key now must not remove the successor, too
      const isLast = !keys.some(({ kid: other, alg }) => other !== kid && alg === key.alg);
      if (isLast && this.#isOurs(key.alg)) await this.#add(key.alg, key, now, now);
      await this.#shared.remove(key);
    }
    await this.refresh();
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Publishes the signing keys for longer, if `longestToken` was raised. @returns whether there were any to prolong */
  async #prolong(keys: readonly SharedKey[], now: number): Promise<boolean> {
    const { name = 'keys' } = this.#options;
    const lists = this.#algorithms.map((alg) => keys.filter((key) => key.alg === alg));
    const found = lists.flatMap((list) => tooShort(list, now, this.#times) ?? []);
    for (const key of found) {
      const id = idAfter(name, key.alg, `${key.kid} until ${this.#times.longestToken} s`, 0);
      await this.#shared.prolong(key, id, prolongedUntil(now, this.#times), now);
    }
    return found.length > 0;
  }

  /** Makes the keys that are due. @returns whether there were any */
  async #addMissing(keys: readonly SharedKey[], now: number, attempt: number): Promise<boolean> {
    const lists = this.#algorithms.map((alg) => ({ alg, keys: keys.filter((key) => key.alg === alg) }));
    const missing = lists.filter((list) => needsAnother(list.keys, now, this.#times));
    for (const { alg, keys } of missing) await this.#add(alg, newest(keys), now, attempt);
    return missing.length > 0;
  }

  async #add(alg: SigningAlgorithm, last: SharedKey | undefined, now: number, attempt: number): Promise<void> {
    const { name = 'keys' } = this.#options;
    const id = idAfter(name, alg, last?.kid, attempt);
    const dates = { createdAt: now, until: publishedUntil(now, this.#times) };
    await this.#shared.add(id, await generateSigningKey(alg), dates, now);
  }

  #isOurs(alg: string): alg is SigningAlgorithm {
    return (this.#algorithms as readonly string[]).includes(alg);
  }

  #published(): readonly SharedKey[] {
    const now = this.#now();
    return this.#keys.filter(({ until }) => until > now);
  }

  #choose(alg: string): SharedKey | undefined {
    const keys = this.#isOurs(alg) ? this.#keys.filter((key) => key.alg === alg) : [];
    return choose(keys, this.#now(), this.#times);
  }

  /** The key of the first algorithm. If that algorithm was added so recently that its key may not be known everywhere, the key of another algorithm. */
  #usual(): SharedKey | undefined {
    const now = this.#now();
    const chosen = this.#algorithms.flatMap((alg) => this.#choose(alg) ?? []);
    return chosen.find((key) => isKnown(key, now, this.#times)) ?? chosen[0];
  }
}

/**
 * Keys that rotate automatically, for any number of processes that share a store. A key is published before it signs, and stays published until the last
 * of its tokens has expired. All processes sign with the same key. The first process makes the first key.
 *
 * @throws TypeError for invalid options, and for a key in `adopt` that cannot sign
 * @throws StoreUnavailableError if the store does not answer; Error if `secret` decrypts none of the keys of an algorithm
 * @example const keys = await rotatingKeys({ store, secret });
 * @see OpenID Connect Core §10.1.1
 */
export async function rotatingKeys(options: RotatingKeysOptions): Promise<RotatingKeys> {
  const keys = new RotatingKeys(options);
  try {
    await keys.start();
  } catch (error) {
    keys.close();
    throw error;
  }
  return keys;
}
