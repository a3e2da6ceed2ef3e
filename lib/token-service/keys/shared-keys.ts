/** The private keys of a server in the store that all its processes share. */
import { hash } from 'node:crypto';
import type { JWK } from 'jose';
import { toError } from '../../errors/to-oauth2-error.js';
import { parseJSON } from '../../http/depth.js';
import { type LoadedSigningKey, loadSigning } from '../../keys/loaded-key.js';
import { reservedSubject } from '../reserved.js';
import { tagOf } from '../store/id.js';
import type { StoredRecord, TokenRecord, TokenStore } from '../store.js';
import type { KeyEncryption } from './encryption.js';
import type { Dated } from './schedule.js';

const KIND = 'signing_key';

/** The kind of a record which notes that a key was adopted. */
const ADOPTED = 'adopted_signing_key';

/** A hundred years in seconds: every record needs an expiry time. */
const FOREVER = 100 * 365 * 24 * 60 * 60;

/** A key of the store, ready to sign. */
export interface SharedKey extends Dated, LoadedSigningKey {
  /** The ID of its record. */
  readonly id: string;
  readonly prolongs?: Prolonged | undefined;
}

/** The record of a key that another record of the same key prolongs. */
interface Prolonged {
  readonly id: string;
  readonly until: number;
}

/** The encrypted content of a record. It contains the ID of the record, so that a copy under another ID is not accepted. */
interface Kept {
  readonly id: string;
  readonly jwk: JWK;
  readonly createdAt: number;
  readonly until: number;
  readonly prolongs?: Prolonged | undefined;
}

/**
 * The ID of the key that follows another one. All processes that make this key at the same time compute the same ID, so that the store keeps exactly one of
 * their keys.
 */
export function idAfter(name: string, alg: string, previous: string | undefined, attempt: number): string {
  const digest = hash('sha256', JSON.stringify([KIND, name, alg, previous ?? null, attempt]), 'base64url');
  return `${digest.slice(0, 3)}.${digest}`;
}

/** The data of a record. The algorithm is not encrypted, so that it is known of a key that cannot be decrypted, too. */
interface Sealed {
  readonly key: string;
  readonly alg?: string | undefined;
}

/** The encrypted text of a record. */
function textOf({ data }: StoredRecord): string {
  return String((data as Partial<Sealed> | null)?.key);
}

/** The result of reading a record: its key, or the reason why the key cannot be read. */
type Read = { readonly text: string; readonly key: SharedKey } | { readonly record: StoredRecord; readonly why: Error };

export interface SharedKeysSettings {
  /** Distinguishes them from the keys of other servers. */
  readonly name: string;
  readonly encryption: KeyEncryption;
  /** In seconds. */
  readonly longestToken: number;
  /** The algorithms for which the server needs a key. */
  readonly algorithms: readonly string[];
  /** Called once for each key that cannot be read. */
  readonly onError: (error: unknown) => void;
}

export class SharedKeys {
  readonly #store: TokenStore;
  readonly #settings: SharedKeysSettings;
  readonly #subject: string;
  /** The keys that were loaded before, by their encrypted text. Not by their ID: after a revocation, another key may have the same ID. */
  #loaded: ReadonlyMap<string, SharedKey> = new Map();
  /** The IDs of the unreadable records that `onError` was called for. */
  #told: ReadonlySet<string> = new Set();

  constructor(store: TokenStore, settings: SharedKeysSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#subject = reservedSubject('signing keys', settings.name);
  }

  /** All keys that are still published. @throws Error if the store has keys of a needed algorithm, and none of them can be read */
  async list(now: number): Promise<readonly SharedKey[]> {
    const records = await this.#store.list(this.#subject, now);
    const ofKeys = records.filter(({ kind, expiresAt }) => kind === KIND && expiresAt > now);
    const read = await Promise.all(ofKeys.map((record) => this.#read(record)));
    this.#loaded = new Map(read.flatMap((each) => ('key' in each ? [[each.text, each.key]] : [])));
    this.#leaveOut(read);
    const ids = new Set(ofKeys.map(({ id }) => id));
    // a revoked key stays revoked, even if a process that did not know of the revocation has prolonged the key
    return read
      .flatMap((each) => ('key' in each ? [each.key] : []))
      .filter(({ prolongs }) => !prolongs || prolongs.until <= now || ids.has(prolongs.id));
  }

  /**
   * Leaves out the records that cannot be read. Otherwise one process with another `secret` could store a key that stops all other processes.
   *
   * @throws Error if none of the keys of a needed algorithm can be read: this process would then make its own key, which the other processes cannot read
   */
  #leaveOut(read: readonly Read[]): void {
    const algorithms = new Set([...this.#loaded.values()].map(({ alg }) => alg));
    const unread = read.flatMap((each) => ('why' in each ? [each] : []));
    const { algorithms: needed, onError } = this.#settings;
    for (const { record, why } of unread) {
      const { alg } = (record.data ?? {}) as Partial<Sealed>;
      const isMissed = alg === undefined ? algorithms.size === 0 : needed.includes(alg) && !algorithms.has(alg);
      if (isMissed) throw why;
      if (!this.#told.has(record.id)) onError(why);
    }
    this.#told = new Set(unread.map(({ record }) => record.id));
  }

  /** Publishes a key for longer, by storing another record, unless there is one with that ID. @param key a key that `list` gave */
  async prolong(key: SharedKey, id: string, until: number, now: number): Promise<void> {
    const [text] = [...this.#loaded].find(([, loaded]) => loaded === key) ?? [];
    const { jwk, createdAt } = parseJSON(await this.#settings.encryption.decrypt(String(text))) as Kept;
    await this.#put({ id, jwk, createdAt, until, prolongs: { id: key.id, until: key.until } }, now);
  }

  /** Stores a key, unless there is a record with that ID. */
  async add(id: string, jwk: JWK, { createdAt, until }: Omit<Dated, 'kid'>, now: number): Promise<void> {
    await this.#put({ id, jwk, createdAt, until }, now);
  }

  /** Stores a key that has signed before the store was used. A note stays in the store, so that the key is not stored again after it expired or was revoked. */
  async adopt(id: string, jwk: JWK, { createdAt, until }: Omit<Dated, 'kid'>, now: number): Promise<void> {
    const note = `${tagOf(id)}.${hash('sha256', `${ADOPTED}:${id}`, 'base64url')}`;
    if (await this.#store.get(note, now)) return;
    const noted = { id: note, kind: ADOPTED, authorizationID: id, clientID: '', expiresAt: now + FOREVER, data: null };
    await this.#put({ id, jwk, createdAt, until }, now, [noted]);
  }

  /** @param more further records, stored in the same atomic step */
  async #put(kept: Kept, now: number, more: readonly TokenRecord[] = []): Promise<void> {
    const { id, until, jwk } = kept;
    const { encryption } = this.#settings;
    const text = JSON.stringify(kept);
    const key = await encryption.encrypt(text);
    if ((await encryption.decrypt(key)) !== text)
      throw new Error('rotatingKeys({ encryption }) does not decrypt what it has encrypted: no key was stored');
    const data: Sealed = { key, alg: jwk.alg };
    const record = {
      id,
      kind: KIND,
      authorizationID: id,
      clientID: '',
      subject: this.#subject,
      expiresAt: until,
      data,
    };
    await this.#store.put([record, ...more], now);
  }

  remove(key: SharedKey): Promise<void> {
    return this.#store.remove(key.id);
  }

  async #read(record: StoredRecord): Promise<Read> {
    const text = textOf(record);
    const { id } = record;
    try {
      return { text, key: this.#loaded.get(text) ?? (await this.#open(id, text)) };
    } catch (cause) {
      const why = cause instanceof SyntaxError ? 'it is not JSON' : toError(cause).message; // the message of JSON.parse would repeat a part of the key
      return { record, why: new Error(`The signing key of the record ${id} cannot be read: ${why}`, { cause }) };
    }
  }

  async #open(id: string, text: string): Promise<SharedKey> {
    const { encryption, longestToken } = this.#settings;
    const kept = parseJSON(await encryption.decrypt(text)) as Kept;
    if (kept.id !== id) throw new Error('It was made for another record');
    const loaded = await loadSigning(kept.jwk);
    const { createdAt, until, prolongs } = kept;
    return { ...loaded, signing: { ...loaded.signing, longestToken }, id, createdAt, until, prolongs };
  }
}
