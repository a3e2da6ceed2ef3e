/** The private keys of a server in the store that all its processes share. */
import { hash } from 'node:crypto';
import type { JWK } from 'jose';
import { toError } from '../../errors/to-oauth2-error.js';
import { parseJSON } from '../../http/depth.js';
import { type LoadedSigningKey, loadSigning } from '../../keys/loaded-key.js';
import { reservedSubject } from '../reserved.js';
import type { StoredRecord, TokenStore } from '../store.js';
import type { KeyEncryption } from './encryption.js';
import type { Dated } from './schedule.js';

const KIND = 'signing_key';

/** A key of the store, ready to sign. */
export interface SharedKey extends Dated, LoadedSigningKey {
  /** Of its record. */
  readonly id: string;
  readonly prolongs?: Prolonged | undefined;
}

/** The record of a key that another record of the same key prolongs. */
interface Prolonged {
  readonly id: string;
  readonly until: number;
}

/** What is kept of a key, encrypted. The ID of its record is in it, so that a record that was copied to another place does not count. */
interface Kept {
  readonly id: string;
  readonly jwk: JWK;
  readonly createdAt: number;
  readonly until: number;
  readonly prolongs?: Prolonged | undefined;
}

/** What the records are listed by. */
const subjectOf = (name: string): string => reservedSubject('signing keys', name);

/**
 * The ID of the key that follows another one. All processes that are about to make the same key come to the same ID, so that the store keeps exactly
 * one of theirs.
 */
export function idAfter(name: string, alg: string, previous: string | undefined, attempt: number): string {
  const digest = hash('sha256', JSON.stringify([KIND, name, alg, previous ?? null, attempt]), 'base64url');
  return `${digest.slice(0, 3)}.${digest}`;
}

/** The encrypted text of a record. */
function textOf({ data }: StoredRecord): string {
  return String((data as { readonly key?: unknown } | null)?.key);
}

export interface SharedKeysSettings {
  /** Tells them from the keys of other servers. */
  readonly name: string;
  readonly encryption: KeyEncryption;
  /** In seconds. */
  readonly longestToken: number;
}

export class SharedKeys {
  readonly #store: TokenStore;
  readonly #name: string;
  readonly #encryption: KeyEncryption;
  readonly #longestToken: number;
  /** What was loaded before, by its encrypted text: where a key was ended, another one may have its ID. */
  #loaded: ReadonlyMap<string, SharedKey> = new Map();

  constructor(store: TokenStore, { name, encryption, longestToken }: SharedKeysSettings) {
    this.#store = store;
    this.#name = name;
    this.#encryption = encryption;
    this.#longestToken = longestToken;
  }

  /** All keys that are still published. @throws Error for a record that cannot be decrypted */
  async list(now: number): Promise<readonly SharedKey[]> {
    const records = await this.#store.list(subjectOf(this.#name), now);
    const ofKeys = records.filter(({ kind, expiresAt }) => kind === KIND && expiresAt > now);
    const loaded = await Promise.all(
      ofKeys.map(async (record) => {
        const text = textOf(record);
        return [text, this.#loaded.get(text) ?? (await this.#open(record, text))] as const;
      }),
    );
    this.#loaded = new Map(loaded);
    const ids = new Set(ofKeys.map(({ id }) => id));
    // a key that was revoked stays so, although a process that did not know it yet has prolonged it
    return loaded
      .map(([, key]) => key)
      .filter(({ prolongs }) => !prolongs || prolongs.until <= now || ids.has(prolongs.id));
  }

  /** Publishes a key for longer, by another record, unless there is one under that ID. @param key of `list` */
  async prolong(key: SharedKey, id: string, until: number, now: number): Promise<void> {
    const [text] = [...this.#loaded].find(([, loaded]) => loaded === key) ?? [];
    const { jwk, createdAt } = parseJSON(await this.#encryption.decrypt(String(text))) as Kept;
    await this.#put({ id, jwk, createdAt, until, prolongs: { id: key.id, until: key.until } }, now);
  }

  /** Keeps a key, unless there is one under that ID. */
  async add(id: string, jwk: JWK, { createdAt, until }: Omit<Dated, 'kid'>, now: number): Promise<void> {
    await this.#put({ id, jwk, createdAt, until }, now);
  }

  async #put(kept: Kept, now: number): Promise<void> {
    const { id, until } = kept;
    const data = { key: await this.#encryption.encrypt(JSON.stringify(kept)) };
    const subject = subjectOf(this.#name);
    await this.#store.put(
      [{ id, kind: KIND, authorizationID: id, clientID: '', subject, expiresAt: until, data }],
      now,
    );
  }

  remove(key: SharedKey): Promise<void> {
    return this.#store.remove(key.id);
  }

  async #open({ id }: StoredRecord, text: string): Promise<SharedKey> {
    try {
      const kept = parseJSON(await this.#encryption.decrypt(text)) as Kept;
      if (kept.id !== id) throw new Error('It was made for another record');
      const loaded = await loadSigning(kept.jwk);
      const signing = { ...loaded.signing, longestToken: this.#longestToken };
      const { createdAt, until, prolongs } = kept;
      return { ...loaded, signing, id, createdAt, until, prolongs };
    } catch (cause) {
      const why = cause instanceof SyntaxError ? 'it is no JSON' : toError(cause).message; // JSON.parse would repeat a piece of the key
      throw new Error(`The signing key of the record ${id} cannot be read: ${why}`, { cause });
    }
  }
}
