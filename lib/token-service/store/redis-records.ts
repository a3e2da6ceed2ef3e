/** The format of records and keys in Redis. */
import { hash } from 'node:crypto';
import type { StoredRecord, TokenRecord } from '../store.js';
import { decode, encode, parse, unreadable } from './encoding.js';
import { tagOf } from './id.js';

/** Redis refuses a time to live that overflows its arithmetic. This is more than 3000 years. */
const MAX_MILLISECONDS = 1e14;

/** The time to live, computed by the caller's clock: the clock of the server may differ from it. */
export function milliseconds(until: number, now: number): number {
  return Math.min(Math.ceil((until - now) * 1000), MAX_MILLISECONDS);
}

function toText(record: TokenRecord): string {
  const { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt = '' } = record;
  return `${expiresAt}\n${consumedAt}\n\n${encode({ id, kind, authorizationID, clientID, subject, expiresAt, data })}`;
}

/** Reads a record; undefined if the value cannot be read, so that the record counts as absent. */
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

/** The part of an ID after its tag and the dot. */
function restOf(id: string): string {
  return id.slice(tagOf(id).length + 1);
}

/** The subject of records that are stored in one call. Records that exist only to recognize spent tokens have none. */
export function subjectOf(records: readonly TokenRecord[]): string | undefined {
  return records.find((record) => record.subject !== undefined)?.subject;
}

/** The arguments of a script that stores records, four for each record: the rest of its ID, its text, its time to live, and '1' if it has the subject. */
export function fours(records: readonly TokenRecord[], now: number): string[] {
  const subject = subjectOf(records);
  return records.flatMap((record) => [
    ...[restOf(record.id), toText(record), `${milliseconds(record.expiresAt, now)}`],
    subject !== undefined && record.subject === subject ? '1' : '',
  ]);
}

/** The keys of a store. All keys of one tag are in one slot of a cluster. */
export class RedisKeys {
  readonly #prefix: string;

  /** @throws {TypeError} if the prefix contains a brace */
  constructor(prefix: string) {
    if (/[{}]/.test(prefix))
      throw new TypeError('The prefix contains a brace, which would change the Redis slots of the keys');
    this.#prefix = prefix;
  }

  record(id: string): string {
    return this.records(id) + restOf(id);
  }

  /** The prefix of the keys of all records with the tag of an ID. */
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

  /** A pattern for SCAN that the keys of all records match. */
  get pattern(): string {
    return `${this.#prefix.replace(/[\\*?[\]]/g, '\\$&')}:{*}:token:*`;
  }

  /** The ID of the record under a key. */
  idOf(key: string): string {
    const [, tag = '', rest = ''] = /\{([^}]*)\}:token:(.*)$/s.exec(key) ?? [];
    return `${tag}.${rest}`;
  }
}

/** @param pairs of a key and a text */
export function toRecords(keys: RedisKeys, pairs: readonly string[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const record = toRecord(keys.idOf(pairs[i] ?? ''), pairs[i + 1] ?? '');
    if (record) records.push(record);
  }
  return records;
}
