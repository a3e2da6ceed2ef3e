/** The Redis store, for any number of machines. */
import { requireTimeout } from '../../http/fetch-text.js';
import { requireKnown } from '../../options.js';
import type { Consumed, Consumption, StoreClock, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID, tagOf } from './id.js';
import { RedisClock } from './redis-clock.js';
import { type RedisClient, RedisConnection } from './redis-connection.js';
import { fours, milliseconds, RedisKeys, subjectOf, toRecord, toRecords } from './redis-records.js';
import * as scripts from './redis-scripts.js';
import { RedisSubjects } from './redis-subjects.js';

export type { RedisClient } from './redis-connection.js';

/** Options of `redisStore()`. */
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

/** The most records that one script handles: the server runs nothing else meanwhile. */
const SLICE = 500;

/** The arguments of a script for the set of a subject's records: its key, and the tag of the records. With an empty tag, the script does not change the set. */
interface Subject {
  readonly set: readonly string[];
  readonly tag: string;
}

const APART: Subject = { set: [], tag: '' };

class RedisStore implements TokenStore {
  readonly #redis: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #subjects: RedisSubjects;

  constructor({ client, prefix = 'koauthorize', timeout = 5, clock = 'database' }: RedisStoreOptions) {
    this.#keys = new RedisKeys(prefix);
    this.#redis = new RedisConnection(client, timeout, new RedisClock(clock));
    this.#subjects = new RedisSubjects(this.#redis, this.#keys);
  }

  async put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean> {
    checkRecords(records);
    const [first] = records;
    if (!first) return true;
    const keys = [...this.#keysOf(first.authorizationID), ...records.map(({ id }) => this.#keys.record(id))];
    const patience = this.#redis.patience(within);
    const answer = await this.#withSubject(records, now, ({ set, tag }) =>
      this.#redis.runInTime(scripts.put, [...keys, ...set], [], [tag, ...fours(records, now)], patience),
    );
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
    const more = [seal === undefined ? '' : JSON.stringify(seal), ...kept];
    const patience = this.#redis.patience(within);
    let isListed = true;
    const answer = await this.#withSubject(next, now, ({ set, tag }) => {
      isListed = tag === '';
      const values = [...more, tag, ...fours(next, now)];
      return this.#redis.runInTime(scripts.consume, [...keys, ...set], [`${now}`], values, patience);
    });
    const record = answer && toRecord(id, String(answer[2]));
    if (!record) return undefined;
    const first = answer[0] === 1;
    if (first && isListed) this.#subjects.forget(record);
    return { first, record, now: Number(answer[1]) };
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#redis.run(scripts.remove, [this.#keys.record(id)]);
  }

  /** After the first script, which stores the revocation, no record of the authorization can be read. Further ones delete the rest. */
  async revoke(authorizationID: string, until: number, now: number): Promise<void> {
    if (!isAuthorizationID(authorizationID)) return;
    const kept = `${Math.max(milliseconds(until, now), 1000)}`;
    const values = [kept, this.#keys.records(authorizationID), `${SLICE}`];
    while (Number(await this.#redis.run(scripts.revoke, this.#keysOf(authorizationID), values)) === SLICE);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    return await this.#subjects.list(subject, now);
  }

  async *listByClient(clientID: string, now: number): AsyncIterable<StoredRecord> {
    for await (const server of this.#redis.servers()) {
      let cursor = '0';
      do {
        const values = [cursor, this.#keys.pattern, `${now}`, JSON.stringify(clientID)];
        const [next = '0', ...pairs] = (await this.#redis.run(scripts.scan, [], values, server)) as string[];
        yield* toRecords(this.#keys, pairs).filter((record) => record.clientID === clientID);
        cursor = next;
      } while (cursor !== '0');
    }
  }

  async *listByAuthorization(authorizationID: string, now: number): AsyncIterable<StoredRecord> {
    if (isAuthorizationID(authorizationID)) yield* this.#subjects.family(authorizationID, now);
  }

  async close(): Promise<void> {}

  #keysOf(authorizationID: string): [records: string, revoked: string] {
    return [this.#keys.authorization(authorizationID), this.#keys.revoked(authorizationID)];
  }

  /**
   * Stores records whose subject has a set of them, for `list`. In a cluster the set is in another slot, so it is changed by a script of its own, and
   * first, so that a concurrent `list` cannot miss the authorization. A noted record may then not exist.
   */
  #withSubject<T>(records: readonly TokenRecord[], now: number, run: (subject: Subject) => Promise<T>): Promise<T> {
    const [first] = records;
    const subject = subjectOf(records);
    if (!first || subject === undefined) return run(APART);
    return this.#redis.together(
      () => run({ set: [this.#keys.subject(subject)], tag: tagOf(first.id) }),
      async () => {
        await this.#subjects.note(subject, records, now);
        return await run(APART);
      },
    );
  }
}

/**
 * Keeps tokens in Redis, a single server or a cluster, for any number of machines. Durability depends on the configuration of Redis: with
 * `appendonly yes` and `appendfsync always` a crash loses nothing; with the defaults it loses some seconds or everything. A replica that becomes
 * the master may lack the latest writes. Set `maxmemory-policy noeviction`: eviction loses tokens, and makes used client assertions valid again.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, if Redis does not answer
 * @throws {TypeError} if the prefix contains a brace, or `timeout` is not a valid number of seconds
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
  requireTimeout('redisStore({ timeout })', options.timeout ?? 5);
  return new RedisStore(options);
}
