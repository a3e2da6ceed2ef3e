import { hash } from 'node:crypto';
import type { Transaction } from 'lmdb';
import type { Consumed, Consumption, StoredRecord, TokenRecord } from '../store.js';
import { decode, encode } from './encoding.js';
import { isID } from './id.js';
import type { Tables } from './lmdb-environment.js';

/** What the store's own clock says. */
export interface OwnTime {
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds by which the clock may be ahead of others. */
  readonly purgeDelay: number;
}

/** Before the ID of an authorization, in `expiries`: its revocation may be forgotten. */
export const REVOCATION = '!';
/** Before the ID of a record, in `expiries`: it was consumed, and is removed without delay. */
export const CONSUMED = '?';

/** As short as an index wants it. Two subjects of one digest do no harm: the records say whose they are. */
export function digest(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 16);
}

function insert({ records, expiries, subjects }: Tables, record: StoredRecord): void {
  records.putSync(record.id, encode(record));
  expiries.putSync([record.expiresAt, record.id], '');
  if (record.subject !== undefined) subjects.putSync([digest(record.subject), record.id], '');
}

/** The record of that ID, whether it is live or not. */
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

/** What is live, from within a transaction or outside of one. */
export function read(tables: Tables, id: string, now: number): StoredRecord | undefined {
  const record = isID(id) ? find(tables, id) : undefined;
  return record && record.expiresAt > now && !isRevoked(tables, record.authorizationID) ? record : undefined;
}

/** A record is stored once: neither a consumed one, nor one that was revoked, nor one that another process may still hold live. */
export function add(tables: Tables, record: TokenRecord, { now, purgeDelay }: OwnTime): boolean {
  const { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt } = record;
  const earlier = find(tables, id);
  if (isRevoked(tables, authorizationID) || (earlier && earlier.expiresAt + purgeDelay > now)) return false;
  if (earlier) drop(tables, id, earlier);
  insert(tables, { id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt });
  return true;
}

/**
 * Two entries say when a consumed record is removed: one without delay, since nothing may keep its seal for longer, and that of every
 * record, which is the only one that processes of 0.1.0 know.
 */
function spend(
  { records, expiries }: Tables,
  record: StoredRecord,
  { seal, keepUntil = Number.POSITIVE_INFINITY }: Consumption,
  { now, purgeDelay }: OwnTime,
): StoredRecord {
  const expiresAt = Math.min(record.expiresAt, keepUntil);
  const spent = Object.assign({}, record, { expiresAt, consumedAt: now }, seal !== undefined && { seal });
  records.putSync(record.id, encode(spent));
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

/** Hides all there is of an authorization, and all that comes. */
export function mark({ expiries, revoked }: Tables, authorizationID: string, until: number): void {
  if (until <= (revoked.get(authorizationID) ?? Number.NEGATIVE_INFINITY)) return;
  revoked.putSync(authorizationID, until);
  expiries.putSync([until, REVOCATION + authorizationID], '');
}
