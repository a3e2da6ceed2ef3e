/** For many machines: whatever Redis keeps. */
import { hash } from 'node:crypto';
import type { Consumed, Consumption, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { within } from './deadline.js';
import { decode, encode, parse, unreadable } from './encoding.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID, tagOf } from './id.js';
import * as scripts from './redis-scripts.js';

interface RedisEval {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What clients and clusters of the package redis can do. */
export interface RedisClient extends RedisEval {
  withCommandOptions(options: { timeout: number; typeMapping: Record<never, never> }): RedisEval;
}

export interface RedisStoreOptions {
  /** A client or a cluster, connected, whose it is to close, and to listen to the errors of. */
  readonly client: RedisClient;
  /** What all keys begin with; `koauthorize` by default. */
  readonly prefix?: string | undefined;
  /** Seconds to wait for an answer; 5 by default. */
  readonly timeout?: number | undefined;
  /** The time in epoch seconds, from which a revocation is remembered; the machine's by default. */
  readonly now?: (() => number) | undefined;
}

/** Where Redis's own arithmetic ends, far from here. */
const LONGEST = 1e14;

/** By the caller's clock, not by Redis's: the two need not agree. */
function milliseconds(until: number, now: number): number {
  return Math.min(Math.ceil((until - now) * 1000), LONGEST);
}

function toText(record: TokenRecord): string {
  const { id, kind, authorizationID, clientID, subject, expiresAt, data } = record;
  return `${expiresAt}\n\n\n${encode({ id, kind, authorizationID, clientID, subject, expiresAt, data })}`;
}

function toRecord(id: string, value: string): StoredRecord | undefined {
  const [, consumedAt = '', seal = '', text = ''] = value.split('\n');
  const record = decode(id, text);
  if (!record || consumedAt === '') return record;
  const left = seal === '' ? undefined : parse(seal);
  if (Number.isNaN(Number(consumedAt)) || (left === undefined) !== (seal === '')) return unreadable(id);
  return { ...record, consumedAt: Number(consumedAt), ...(typeof left === 'string' && { seal: left }) };
}

/** Redis's word that it is the command, or the right to it, that is at fault: trying again would be of no use. */
const OURS = /^(?:ERR|WRONGTYPE|CROSSSLOT|NOPERM|NOAUTH)\b/;

function failure(cause: unknown): unknown {
  if (cause instanceof StoreUnavailableError || (cause instanceof Error && OURS.test(cause.message))) return cause;
  return new StoreUnavailableError('Redis is not available', 1, { cause });
}

class RedisStore implements TokenStore {
  readonly #client: RedisEval;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #now: () => number;

  constructor({ client, prefix = 'koauthorize', timeout = 5, now = () => Date.now() / 1000 }: RedisStoreOptions) {
    if (/[{}]/.test(prefix)) throw new TypeError('The prefix has a brace, by which Redis would divide keys into slots');
    // A command that still waits for a connection when its time is over is never sent: nothing is consumed unseen.
    this.#client = client.withCommandOptions({ timeout: timeout * 1000, typeMapping: {} });
    this.#prefix = prefix;
    this.#timeout = timeout;
    this.#now = now;
  }

  async put(records: readonly TokenRecord[], now: number): Promise<void> {
    checkRecords(records);
    const [first] = records;
    if (!first) return;
    const keys = [...this.#keysOf(first.authorizationID), ...records.map(({ id }) => this.#key(id))];
    await Promise.all([
      this.#note(records, now),
      this.#run(scripts.put, keys, [`${now}`, ...this.#threes(records, now)]),
    ]);
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    const value = isID(id) ? await this.#run(scripts.get, [this.#key(id)]) : null;
    const record = typeof value === 'string' ? toRecord(id, value) : undefined;
    return record && record.expiresAt > now ? record : undefined;
  }

  async consume(id: string, { now, seal, next = [] }: Consumption): Promise<Consumed | undefined> {
    checkSuccessors(id, next);
    if (!isID(id)) return undefined;
    const authorizationID = next[0]?.authorizationID ?? tagOf(id); // that of the record, where it is needed
    const keys = [...this.#keysOf(authorizationID), this.#key(id), ...next.map((each) => this.#key(each.id))];
    const values = [`${now}`, seal === undefined ? '' : JSON.stringify(seal), ...this.#threes(next, now)];
    const [answer] = await Promise.all([this.#run(scripts.consume, keys, values), this.#note(next, now)]);
    if (!Array.isArray(answer)) return undefined;
    const record = toRecord(id, String(answer[1]));
    if (record && answer[0] === 1) this.#forget(record);
    return record && { first: answer[0] === 1, record };
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#run(scripts.remove, [this.#key(id)]);
  }

  async revoke(authorizationID: string, until: number): Promise<void> {
    if (!isAuthorizationID(authorizationID)) return;
    const ttl = Math.max(milliseconds(until, this.#now()), 1000);
    const base = this.#slot(authorizationID, 'token');
    await this.#run(scripts.revoke, this.#keysOf(authorizationID), [`${ttl}`, base]);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const ids = await this.#run(scripts.noted, [this.#subject(subject)]);
    const records = await Promise.all((ids as string[]).map((id) => this.get(id, now)));
    const found = records.filter((record) => record !== undefined);
    return found.filter((record) => record.subject === subject && record.consumedAt === undefined);
  }

  async close(): Promise<void> {}

  /** All keys of one tag are in one slot of a cluster. */
  #slot(id: string, kind: 'token' | 'authorization' | 'revoked'): string {
    return `${this.#prefix}:{${tagOf(id)}}:${kind}:`;
  }

  #key(id: string): string {
    return this.#slot(id, 'token') + id.slice(tagOf(id).length + 1);
  }

  #keysOf(authorizationID: string): [records: string, revoked: string] {
    return [
      this.#slot(authorizationID, 'authorization') + authorizationID,
      this.#slot(authorizationID, 'revoked') + authorizationID,
    ];
  }

  #subject(subject: string): string {
    return `${this.#prefix}:{subject:${hash('sha256', subject, 'base64url').slice(0, 22)}}`;
  }

  #threes(records: readonly TokenRecord[], now: number): string[] {
    return records.flatMap((record) => {
      const rest = record.id.slice(tagOf(record.id).length + 1);
      return [rest, toText(record), `${milliseconds(record.expiresAt, now)}`];
    });
  }

  /** So that `list` finds them. In another slot, and so not of one piece with them: what was noted need not be there. */
  async #note(records: readonly TokenRecord[], now: number): Promise<void> {
    const subject = records.find((record) => record.subject !== undefined)?.subject;
    if (subject === undefined) return;
    const pairs = records.flatMap(({ id, expiresAt }) => [id, `${milliseconds(expiresAt, now)}`]);
    await this.#run(scripts.note, [this.#subject(subject)], pairs);
  }

  /** Nobody waits for it: `list` looks at what it finds. */
  #forget({ id, subject }: StoredRecord): void {
    if (subject !== undefined) this.#run(scripts.forget, [this.#subject(subject)], [id]).catch(() => {});
  }

  async #run({ sha, text }: scripts.Script, keys: string[], values: string[] = []): Promise<unknown> {
    const options = { keys, arguments: values };
    const answer = this.#client.evalSha(sha, options).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return this.#client.eval(text, options);
      throw error;
    });
    try {
      return await within(this.#timeout, answer);
    } catch (error) {
      throw failure(error);
    }
  }
}

/**
 * Keeps tokens in Redis, a single server or a cluster, for any number of machines. Redis promises what it is configured to: with
 * `appendonly yes` and `appendfsync always` a crash loses nothing, by default some seconds or all, and a replica that takes over may
 * lack the latest. It must not evict: `maxmemory-policy noeviction`.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, when Redis does not answer
 * @throws {TypeError} where the prefix has a brace
 * @example
 * const client = createClient({ url: 'redis://localhost' });
 * client.on('error', (error) => console.error(error));
 * await client.connect();
 * tokenService({ store: redisStore({ client }) });
 * @see {@link https://www.npmjs.com/package/redis | redis}
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  return new RedisStore(options);
}
