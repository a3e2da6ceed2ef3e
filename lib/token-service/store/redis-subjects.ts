/** The sets of the records of each subject, and the lists of authorizations that are read from them. */
import type { StoredRecord, TokenRecord } from '../store.js';
import { tagOf } from './id.js';
import { longestLived } from './longest-lived.js';
import type { RedisConnection } from './redis-connection.js';
import { milliseconds, type RedisKeys, toRecords } from './redis-records.js';
import * as scripts from './redis-scripts.js';

/** The most records that one script handles: the server runs nothing else meanwhile. */
const SLICE = 500;

/** Scripts that are sent at once. */
const AT_ONCE = 50;

function slicesOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** The IDs in groups of one tag. */
function byTag(ids: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const group = groups.get(tagOf(id));
    if (group) group.push(id);
    else groups.set(tagOf(id), [id]);
  }
  return [...groups.values()];
}

export class RedisSubjects {
  readonly #redis: RedisConnection;
  readonly #keys: RedisKeys;

  constructor(redis: RedisConnection, keys: RedisKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const ids = await this.#noted(this.#keys.subject(subject));
    const found = await this.#redis.together(
      () => this.#longest([ids], now),
      () => this.#longest(byTag(ids), now),
    );
    return longestLived(found.filter((record) => record.subject === subject));
  }

  /** The live records of an authorization, a slice at a time. */
  async *family(authorizationID: string, now: number): AsyncIterable<StoredRecord> {
    const rests = await this.#noted(this.#keys.authorization(authorizationID));
    for (const slice of slicesOf(rests, SLICE)) {
      const keys = slice.map((rest) => this.#keys.records(authorizationID) + rest);
      const pairs = await this.#redis.run(scripts.several, keys, [`${now}`]);
      const records = toRecords(this.#keys, pairs as string[]);
      yield* records.filter((record) => record.authorizationID === authorizationID);
    }
  }

  async note(subject: string, records: readonly TokenRecord[], now: number): Promise<void> {
    const own = records.filter((record) => record.subject === subject);
    const pairs = own.flatMap(({ id, expiresAt }) => [id, `${milliseconds(expiresAt, now)}`]);
    await this.#redis.run(scripts.note, [this.#keys.subject(subject)], pairs);
  }

  /** For each authorization of these records, the record that lives longest. @param groups IDs, in groups that one script may read */
  async #longest(groups: readonly (readonly string[])[], now: number): Promise<readonly StoredRecord[]> {
    const slices = groups.flatMap((ids) => slicesOf(ids, SLICE));
    const found: StoredRecord[] = [];
    for (const several of slicesOf(slices, AT_ONCE)) {
      const keys = several.map((ids) => ids.map((id) => this.#keys.record(id)));
      const answers = await Promise.all(keys.map((each) => this.#redis.run(scripts.longest, each, [`${now}`])));
      found.push(...answers.flatMap((pairs) => toRecords(this.#keys, pairs as string[])));
    }
    return found;
  }

  /** The members of a set of records. */
  async #noted(set: string): Promise<readonly string[]> {
    const ids = new Set<string>();
    let from = '-inf';
    while (from !== '+inf') {
      const answer = await this.#redis.run(scripts.noted, [set], [from, `${SLICE}`]);
      const [to, slice] = answer as [string, readonly string[]];
      for (const id of slice) ids.add(id);
      from = to;
    }
    return [...ids];
  }

  /** Removes a record from the set of its subject. It is not awaited, since `list` looks up each record anyway. */
  forget({ id, subject }: StoredRecord): void {
    if (subject !== undefined) this.#redis.run(scripts.forget, [this.#keys.subject(subject)], [id]).catch(() => {});
  }
}
