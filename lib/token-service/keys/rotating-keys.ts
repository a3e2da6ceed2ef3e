/** Keys that are made, published, used and ended by themselves, in all processes alike. */
import type { JWK } from 'jose';
import { epoch } from '../../clock.js';
import type { Finding } from '../../findings.js';
import { generateSigningKey } from '../../keys/key-set.js';
import type { SigningAlgorithm } from '../../keys/loaded-key.js';
import type { SigningKey, SigningKeys } from '../../plugs.js';
import type { KeyRotation } from '../../signing-keys.js';
import { StoreUnavailableError } from '../store.js';
import { timed } from '../timed.js';
import { encryptionOf, findingsOfEncryption } from './encryption.js';
import { type RotatingKeysOptions, requireRotation, timesOf } from './options.js';
import {
  byAge,
  choose,
  isKnown,
  needsAnother,
  newest,
  prolongedUntil,
  publishedUntil,
  type Times,
  tooShort,
} from './schedule.js';
import { idAfter, type SharedKey, SharedKeys } from './shared-keys.js';

/** Seconds between two looks at the store. */
const INTERVAL = 60;

/** Seconds for which an answer of the store is waited for. */
const TIMEOUT = 5;

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** The keys of `rotatingKeys()`. @example const addKeys = (keys: RotatingKeys) => createServer<App, User>({ issuer: 'https://as.example', keys, tokens }).extend(jwks(keys)); */
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
    this.#shared = new SharedKeys(timed(store, TIMEOUT), {
      name,
      encryption: encryptionOf(options),
      longestToken: this.#times.longestToken,
    });
    this.#now = now;
    this.#timer = setInterval(() => void this.refresh().catch(onError), INTERVAL * 1000).unref();
  }

  signing(alg?: string): SigningKey {
    const key = alg === undefined ? this.#usual() : this.#choose(alg);
    if (key) return key.signing;
    if (alg !== undefined && !(this.#algorithms as readonly string[]).includes(alg))
      throw new Error(`No signing key is for ${alg}: there are ${this.#algorithms.join(', ')}`);
    throw new StoreUnavailableError('Every key that is known has ended, and the store could not be asked for others');
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
   * Looks at the store now, and makes keys where it is time to. Happens every minute by itself.
   *
   * @throws StoreUnavailableError when the store cannot be asked
   * @throws Error for a key that cannot be decrypted
   */
  async refresh(): Promise<void> {
    const now = this.#now();
    let keys = await this.#shared.list(now);
    if (await this.#prolong(keys, now)) keys = await this.#shared.list(now);
    // where another process is first, its key is ours, too. A key that was ended must not keep its successor from being made: the second try has another ID
    for (const attempt of [0, now]) {
      const added = await this.#addMissing(keys, now, attempt);
      if (added) keys = await this.#shared.list(now);
    }
    const place = (alg: string): number => (this.#algorithms as readonly string[]).indexOf(alg);
    const latest = new Map([...keys].sort((one, other) => one.until - other.until).map((key) => [key.kid, key]));
    this.#keys = [...latest.values()].sort((one, other) => place(one.alg) - place(other.alg) || byAge(other, one));
  }

  /**
   * Ends a key that somebody may have seen: it is not published any more, and nothing that it signed is good here. The other processes do the same
   * within a minute; who keeps the key set, within its time. Another key is made at once.
   */
  async revoke(kid: string): Promise<void> {
    const now = this.#now();
    const keys = await this.#shared.list(now);
    const ended = keys.filter((key) => key.kid === kid);
    for (const key of ended) {
      // first another one: where no key is left, the keys to adopt would come back, and the one that somebody has seen may be among them
      const isLast = !keys.some(({ kid: other, alg }) => other !== kid && alg === key.alg);
      if (isLast) await this.#add(key.alg as SigningAlgorithm, key, now, now);
      await this.#shared.remove(key);
    }
    await this.refresh();
  }

  /** Ends the timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Publishes the keys that sign for longer, where `longestToken` was raised. @returns whether there was any */
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

  /** Makes keys where it is time to. @returns whether it was */
  async #addMissing(keys: readonly SharedKey[], now: number, attempt: number): Promise<boolean> {
    const lists = this.#algorithms.map((alg) => ({ alg, keys: keys.filter((key) => key.alg === alg) }));
    const missing = lists.filter((list) => needsAnother(list.keys, now, this.#times));
    for (const { alg, keys } of missing) await this.#add(alg, newest(keys), now, attempt);
    return missing.length > 0;
  }

  async #add(alg: SigningAlgorithm, last: SharedKey | undefined, now: number, attempt: number): Promise<void> {
    const { name = 'keys', adopt = [] } = this.#options;
    const { publishedFirst, every } = this.#times;
    const adopted = last ? undefined : adopt.find((jwk) => jwk.alg === alg);
    if (adopted) await this.#keep(idAfter(name, alg, 'adopted', attempt), adopted, now - publishedFirst - every, now);
    await this.#keep(idAfter(name, alg, last?.kid, attempt), await generateSigningKey(alg), now, now);
  }

  #keep(id: string, jwk: JWK, createdAt: number, now: number): Promise<void> {
    return this.#shared.add(id, jwk, { createdAt, until: publishedUntil(createdAt, this.#times) }, now);
  }

  #published(): readonly SharedKey[] {
    const now = this.#now();
    return this.#keys.filter(({ until }) => until > now);
  }

  #choose(alg: string): SharedKey | undefined {
    const isOurs = (this.#algorithms as readonly string[]).includes(alg);
    return isOurs
      ? choose(
          this.#keys.filter((key) => key.alg === alg),
          this.#now(),
          this.#times,
        )
      : undefined;
  }

  /** The key of the first algorithm; while it is not known everywhere, because the algorithm was added, that of another one which is. */
  #usual(): SharedKey | undefined {
    const now = this.#now();
    const chosen = this.#algorithms.flatMap((alg) => this.#choose(alg) ?? []);
    return chosen.find((key) => isKnown(key, now, this.#times)) ?? chosen[0];
  }
}

/**
 * Keys that rotate by themselves, for any number of processes over one store. A key is published before it signs, and after it has signed until the
 * last of its tokens has ended; all processes sign with the same one. The first process makes the first key.
 *
 * @throws TypeError for options that cannot be meant
 * @throws StoreUnavailableError when the store cannot be asked; Error for a key in the store that `secret` does not decrypt
 * @example const keys = await rotatingKeys({ store, secret });
 * @see OpenID Connect Core §10.1.1
 */
export async function rotatingKeys(options: RotatingKeysOptions): Promise<RotatingKeys> {
  const keys = new RotatingKeys(options);
  try {
    await keys.refresh();
  } catch (error) {
    keys.close();
    throw error;
  }
  return keys;
}
