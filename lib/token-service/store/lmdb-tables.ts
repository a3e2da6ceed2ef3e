import { hash } from 'node:crypto';
import type { Transaction } from 'lmdb';
import type { Consumed, Consumption, StoredRecord, TokenRecord } from '../store.js';
import { decode, encode } from './encoding.js';
import { isID } from './id.js';
import type { Tables } from './lmdb-environment.js';

/** The time by the store's own clock. */
export interface OwnTime {
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds by which that clock may be fast. */
  readonly purgeDelay: number;
}

/** Prefix of names in `expiries`: the revocation of this authorization may be removed. */
export const REVOCATION = '!';
/** Prefix of names in `expiries`: this record was consumed, and is removed without delay. */
export const CONSUMED = '?';

/** A short key for the index. Two subjects with the same digest do no harm, since the records contain the subject. */
export function digest(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 16);
}

function insert({ records, expiries, subjects }: Tables, record: StoredRecord): void {
  records.putSync(record.id, encode(record));
  expiries.putSync([record.expiresAt, record.id], '');
  if (record.subject !== undefined) subjects.putSync([digest(record.subject), record.id], '');
}

/** The record of an ID, also if it is not live. */
export function find({ records }: Tables, id: string, transaction?: Transaction): StoredRecord | undefined {
  const text = transaction ? records.get(id, { transaction }) : records.get(id);
  return text === undefined ? undefined : decode(id, text);
}

export function drop(tables: Tables, id: string, record = find(tables, id)): void {
  const { records, expiries, subjects } = tables;
  records.removeSync(id);
  if (!record) return;
  expiries.removeSync([record.expiresAt, id]);
  if (record.subject !== undefined) subjects.removeSync([digest(record.subject), id]);
}

export function isRevoked({ revoked }: Tables, authorizationID: string): boolean {
  return revoked.doesExist(authorizationID);
}

/** The record of an ID if it is live. It may be called inside or outside a transaction. */
export function read(tables: Tables, id: string, now: number): StoredRecord | undefined {
  const record = isID(id) ? find(tables, id) : undefined;
  return record && record.expiresAt > now && !isRevoked(tables, record.authorizationID) ? record : undefined;
}

/** Stores a record, unless its authorization was revoked or its ID belongs to a record that may be live by the clock of another process. */
export function add(tables: Tables, record: TokenRecord, { now, purgeDelay }: OwnTime): boolean {
  const { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt } = record;
  const earlier = find(tables, id);
  if (isRevoked(tables, authorizationID) || (earlier && earlier.expiresAt + purgeDelay > now)) return false;
  if (earlier) drop(tables, id, earlier);
  insert(tables, { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt });
  return true;
}

/**
 * Marks a record as consumed, and removes it from the index of `list`. Otherwise a browser that sends many requests would make `list` read every replaced
 * record until the next purge. The record gets two entries in `expiries`. The one with the prefix CONSUMED removes it without delay, since a sealed
 * response must not be kept longer than `keepUntil`. The other is the usual one: processes of version 0.1.0 do not know the first.
 */
function spend(
  { records, expiries, subjects }: Tables,
  record: StoredRecord,
  { seal, keepUntil = Number.POSITIVE_INFINITY }: Consumption,
  { now, purgeDelay }: OwnTime,
): StoredRecord {
  const expiresAt = Math.min(record.expiresAt, keepUntil);
  const spent = Object.assign({}, record, { expiresAt, consumedAt: now }, seal !== undefined && { seal });
  records.putSync(record.id, encode(spent));
  if (record.subject !== undefined) subjects.removeSync([digest(record.subject), record.id]);
  expiries.removeSync([record.expiresAt, record.id]);
  expiries.putSync([expiresAt, record.id], '');
  expiries.putSync([expiresAt - purgeDelay, CONSUMED + record.id], '');
  return spent;
}

export function consume(tables: Tables, id: string, consumption: Consumption, time: OwnTime): Consumed | undefined {
  const record = read(tables, id, consumption.now);
  if (!record) return undefined;
  if (record.consumedAt !== undefined) return { first: false, record, now: time.now };
  const spent = spend(tables, record, consumption, time);
  for (const each of consumption.next ?? []) add(tables, each, time);
  return { first: true, record: spent, now: time.now };
}

/** Marks an authorization as revoked: this hides its records, and those that are stored later. */
export function mark({ expiries, revoked }: Tables, authorizationID: string, until: number): void {
  if (until <= (revoked.get(authorizationID) ?? Number.NEGATIVE_INFINITY)) return;
  revoked.putSync(authorizationID, until);
  expiries.putSync([until, REVOCATION + authorizationID], '');
}
