/** How records and their keys look in Redis. */
import { hash } from 'node:crypto';
import type { StoredRecord, TokenRecord } from '../store.js';
import { decode, encode, parse, unreadable } from './encoding.js';
import { tagOf } from './id.js';

/** Where Redis's own arithmetic ends, far from here. */
const LONGEST = 1e14;

/** A lifetime by the caller's clock, not by Redis's: the two need not agree. */
export function milliseconds(until: number, now: number): number {
  return Math.min(Math.ceil((until - now) * 1000), LONGEST);
}

function toText(record: TokenRecord): string {
  const { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt = '' } = record;
  return `${expiresAt}\n${consumedAt}\n\n${encode({ id, kind, authorizationID, clientID, subject, expiresAt, data })}`;
}

/** The record that a value stands for; undefined if it cannot be read, so that it counts as absent. */
export function toRecord(id: string, value: string): StoredRecord | undefined {
  const [expiresAt, consumedAt = '', seal = '', text = ''] = value.split('\n');
  const record = decode(id, text);
  if (!record || consumedAt === '') return record;
  const left = seal === '' ? undefined : parse(seal);
  const times = [Number(expiresAt), Number(consumedAt)];
  if (times.some(Number.isNaN) || (left === undefined) !== (seal === '')) return unreadable(id);
  const spent = { expiresAt: Number(expiresAt), consumedAt: Number(consumedAt) };
  return Object.assign(record, spent, typeof left === 'string' && { seal: left });
}

/** The part of an ID behind its tag. */
function restOf(id: string): string {
  return id.slice(tagOf(id).length + 1);
}

/** What scripts take to store records: of each the rest of its ID, its text and its lifetime. */
export function threes(records: readonly TokenRecord[], now: number): string[] {
  return records.flatMap((record) => [restOf(record.id), toText(record), `${milliseconds(record.expiresAt, now)}`]);
}

/** The keys of a store. All keys of one tag are in one slot of a cluster. */
export class RedisKeys {
  readonly #prefix: string;

  /** @throws {TypeError} where the prefix has a brace */
  constructor(prefix: string) {
    if (/[{}]/.test(prefix)) throw new TypeError('The prefix has a brace, by which Redis would divide keys into slots');
    this.#prefix = prefix;
  }

  record(id: string): string {
    return this.records(id) + restOf(id);
  }

  /** What the keys of all records of an ID's tag begin with. */
  records(id: string): string {
    return `${this.#prefix}:{${tagOf(id)}}:token:`;
  }

  authorization(authorizationID: string): string {
    return `${this.#prefix}:{${tagOf(authorizationID)}}:authorization:${authorizationID}`;
  }

  revoked(authorizationID: string): string {
    return `${this.#prefix}:{${tagOf(authorizationID)}}:revoked:${authorizationID}`;
  }

  subject(subject: string): string {
    return `${this.#prefix}:{subject:${hash('sha256', subject, 'base64url').slice(0, 22)}}`;
  }

  /** A pattern that the keys of all records match, as Redis has patterns. */
  get pattern(): string {
    return `${this.#prefix.replace(/[\\*?[\]]/g, '\\$&')}:{*}:token:*`;
  }

  /** The ID of the record under a key. */
  idOf(key: string): string {
    const [, tag = '', rest = ''] = /\{([^}]*)\}:token:(.*)$/s.exec(key) ?? [];
    return `${tag}.${rest}`;
  }
}
