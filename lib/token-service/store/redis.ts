/** The Redis store, for any number of machines. */
import { requireKnown } from '../../options.js';
import type { Consumed, Consumption, StoreClock, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID, tagOf } from './id.js';
import { longestLived } from './longest-lived.js';
import { RedisClock } from './redis-clock.js';
import { type RedisClient, RedisConnection } from './redis-connection.js';
import { milliseconds, RedisKeys, threes, toRecord } from './redis-records.js';
import * as scripts from './redis-scripts.js';

export type { RedisClient } from './redis-connection.js';

export interface RedisStoreOptions {
  /** A connected client or cluster. The application closes it, and listens to its `error` event. */
  readonly client: RedisClient;
  /** The prefix of all keys. Default `koauthorize`. */
  readonly prefix?: string | undefined;
  /** Seconds to wait for an answer. Default 5. */
  readonly timeout?: number | undefined;
  /** The clock for the time of consumption, and for deadlines. Default: the server's. Keys always expire by the server's clock. */
  readonly clock?: StoreClock | undefined;
}

/** Records that one script handles at most: the server runs nothing else meanwhile. */
const SLICE = 500;

class RedisStore implements TokenStore {
  readonly #redis: RedisConnection;
  readonly #keys: RedisKeys;

  constructor({ client, prefix = 'koauthorize', timeout = 5, clock = 'database' }: RedisStoreOptions) {
    this.#keys = new RedisKeys(prefix);
    this.#redis = new RedisConnection(client, timeout, new RedisClock(clock));
  }

  async put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean> {
    checkRecords(records);
    const [first] = records;
    if (!first) return true;
    const keys = [...this.#keysOf(first.authorizationID), ...records.map(({ id }) => this.#keys.record(id))];
    const patience = this.#redis.patience(within);
    await this.#note(records, now); // before they are stored, so that a concurrent `list` cannot miss the authorization
    const answer = await this.#redis.runInTime(scripts.put, keys, [], threes(records, now), patience);
    return answer?.[0] === 1;
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    const value = isID(id) ? await this.#redis.run(scripts.get, [this.#keys.record(id)]) : null;
    const record = typeof value === 'string' ? toRecord(id, value) : undefined;
    return record && record.expiresAt > now ? record : undefined;
  }

  async consume(id: string, consumption: Consumption): Promise<Consumed | undefined> {
    const { now, seal, next = [], keepUntil, within } = consumption;
    checkSuccessors(id, next);
    if (!isID(id)) return undefined;
    const authorizationID = next[0]?.authorizationID ?? tagOf(id); // only the slot of the keys matters if there are no successors
    const keys = [
      ...this.#keysOf(authorizationID),
      ...[id, ...next.map((each) => each.id)].map((each) => this.#keys.record(each)),
    ];
    const kept = keepUntil === undefined ? ['', ''] : [`${keepUntil}`, `${milliseconds(keepUntil, now)}`];
    const more = [seal === undefined ? '' : JSON.stringify(seal), ...kept, ...threes(next, now)];
    const patience = this.#redis.patience(within);
    await this.#note(next, now);
    const answer = await this.#redis.runInTime(scripts.consume, keys, [`${now}`], more, patience);
    const record = answer && toRecord(id, String(answer[2]));
    if (!record) return undefined;
    const first = answer[0] === 1;
    if (first) this.#forget(record);
    return { first, record, now: Number(answer[1]) };
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#redis.run(scripts.remove, [this.#keys.record(id)]);
  }

  /** The mark hides existing and later records. The existing ones are then deleted in slices. */
  async revoke(authorizationID: string, until: number, now: number): Promise<void> {
    if (!isAuthorizationID(authorizationID)) return;
    const [records, revoked] = this.#keysOf(authorizationID);
    await this.#redis.run(scripts.mark, [revoked], [`${Math.max(milliseconds(until, now), 1000)}`]);
    const values = [this.#keys.records(authorizationID), `${SLICE}`];
    while (Number(await this.#redis.run(scripts.clear, [records], values)) === SLICE);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = [];
    for (const [tag, ids] of byTag(await this.#noted(subject))) {
      for (let from = 0; from < ids.length; from += SLICE) {
        const keys = ids.slice(from, from + SLICE).map((id) => this.#keys.record(id));
        const pairs = (await this.#redis.run(scripts.longest, keys, [`${now}`])) as string[];
        found.push(...toRecords(pairs, (rest) => `${tag}.${rest}`));
      }
    }
    return longestLived(found.filter((record) => record.subject === subject));
  }

  async *listByClient(clientID: string, now: number): AsyncIterable<StoredRecord> {
    for await (const server of this.#redis.servers()) {
      let cursor = '0';
      do {
        const values = [cursor, this.#keys.pattern, `${now}`];
        const [next = '0', ...pairs] = (await this.#redis.run(scripts.scan, [], values, server)) as string[];
        yield* toRecords(pairs, (key) => this.#keys.idOf(key)).filter((record) => record.clientID === clientID);
        cursor = next;
      } while (cursor !== '0');
    }
  }

  async close(): Promise<void> {}

  #keysOf(authorizationID: string): [records: string, revoked: string] {
    return [this.#keys.authorization(authorizationID), this.#keys.revoked(authorizationID)];
  }

  /** Adds the IDs to the set of their subject, for `list`. The set is in another slot, so this is not atomic: a noted record may not exist. */
  async #note(records: readonly TokenRecord[], now: number): Promise<void> {
    const subject = records.find((record) => record.subject !== undefined)?.subject;
    if (subject === undefined) return;
    const own = records.filter((record) => record.subject === subject);
    const pairs = own.flatMap(({ id, expiresAt }) => [id, `${milliseconds(expiresAt, now)}`]);
    await this.#redis.run(scripts.note, [this.#keys.subject(subject)], pairs);
  }

  async #noted(subject: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let from = 0; ids.length === from; from += SLICE) {
      const places = [`${from}`, `${from + SLICE - 1}`];
      ids.push(...((await this.#redis.run(scripts.noted, [this.#keys.subject(subject)], places)) as string[]));
    }
    return ids;
  }

  /** Removes a record from the set of its subject. It is not awaited, since `list` looks up each record anyway. */
  #forget({ id, subject }: StoredRecord): void {
    if (subject !== undefined) this.#redis.run(scripts.forget, [this.#keys.subject(subject)], [id]).catch(() => {});
  }
}

function byTag(ids: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const group = groups.get(tagOf(id));
    if (group) group.push(id);
    else groups.set(tagOf(id), [id]);
  }
  return groups;
}

function toRecords(pairs: readonly string[], idOf: (name: string) => string): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const record = toRecord(idOf(pairs[i] ?? ''), pairs[i + 1] ?? '');
    if (record) records.push(record);
  }
  return records;
}

/**
 * Keeps tokens in Redis, a single server or a cluster, for any number of machines. Durability depends on the configuration of Redis: with
 * `appendonly yes` and `appendfsync always` a crash loses nothing; with the defaults it loses some seconds or everything. A replica that becomes
 * the master may lack the latest writes. Set `maxmemory-policy noeviction`: eviction loses tokens, and makes used client assertions valid again.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, if Redis does not answer
 * @throws {TypeError} if the prefix contains a brace
 * @example
 * const client = createClient({ url: 'redis://localhost' });
 * client.on('error', (error) => console.error(error));
 * await client.connect();
 * tokenService({ store: redisStore({ client }) });
 * @see {@link https://www.npmjs.com/package/redis | redis}
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  const known = { client: true, prefix: true, timeout: true, clock: true } as const;
  requireKnown<RedisStoreOptions>(options, known, 'redisStore');
  return new RedisStore(options);
}
