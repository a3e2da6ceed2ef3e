import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Database, open, RootDatabase } from 'lmdb';
import type { Consumed, Consumption, StoredRecord, TokenRecord } from '../store.js';
import { decode, encode } from './encoding.js';
import { isID, tagOf } from './id.js';
import { BATCH } from './purging.js';

/** One LMDB environment. */
export interface Tables {
  readonly root: RootDatabase;
  /** ID to record. */
  readonly records: Database<string, string>;
  /** What expires, first things first: `[expiresAt, ID]`, or for a revocation `[until, '!' + authorizationID]`. */
  readonly expiries: Database<string, [number, string]>;
  /** `[digest of the subject, ID]`. */
  readonly subjects: Database<string, [string, string]>;
  /** Authorization ID to `until`. */
  readonly revoked: Database<number, string>;
}

const REVOCATION = '!';

/** What this process has open. Two environments of one path in one thread would wait for each other's locks for ever. */
const environments = new Map<string, { readonly tables: Tables; users: number }>();
let closing: Promise<void> = Promise.resolve();

interface Driver {
  readonly open: typeof open;
}

/** Only who has a store of this kind needs the package. */
function loadDriver(): Driver {
  const require = createRequire(import.meta.url);
  try {
    return require('lmdb') as Driver;
  } catch (cause) {
    throw new Error('lmdbStore needs the package lmdb: npm install lmdb', { cause });
  }
}

function openEnvironment(path: string, driver: Driver): Tables {
  // Without overlappingSync a transaction is on the disk when its promise resolves. Transactions that wait meanwhile are
  // committed together, so that this is no slower under load.
  const root = driver.open({ path, overlappingSync: false });
  const encoding = 'string' as const;
  return {
    root,
    records: root.openDB({ name: 'records', encoding }),
    expiries: root.openDB({ name: 'expiries', encoding }),
    subjects: root.openDB({ name: 'subjects', encoding }),
    revoked: root.openDB({ name: 'revoked' }),
  };
}

/** To be closed as often as it was opened. */
export async function openTables(path: string): Promise<Tables> {
  await closing;
  const key = resolve(path);
  const environment = environments.get(key) ?? { tables: openEnvironment(path, loadDriver()), users: 0 };
  environment.users++;
  environments.set(key, environment);
  return environment.tables;
}

export async function closeTables(path: string): Promise<void> {
  const key = resolve(path);
  const environment = environments.get(key);
  if (!environment || --environment.users > 0) return;
  environments.delete(key);
  closing = environment.tables.root.close();
  await closing;
}

/** As short as an index wants it. Two subjects of one digest do no harm: the records say whose they are. */
function digest(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 16);
}

function insert({ records, expiries, subjects }: Tables, record: StoredRecord): void {
  records.putSync(record.id, encode(record));
  expiries.putSync([record.expiresAt, record.id], '');
  if (record.subject !== undefined) subjects.putSync([digest(record.subject), record.id], '');
}

export function drop({ records, expiries, subjects }: Tables, id: string): void {
  const text = records.get(id);
  const record = text === undefined ? undefined : decode(id, text);
  records.removeSync(id);
  if (!record) return;
  expiries.removeSync([record.expiresAt, id]);
  if (record.subject !== undefined) subjects.removeSync([digest(record.subject), id]);
}

/** What is live, from within a transaction or outside of one. */
export function read({ records }: Tables, id: string, now: number): StoredRecord | undefined {
  const text = isID(id) ? records.get(id) : undefined;
  const record = text === undefined ? undefined : decode(id, text);
  return record && record.expiresAt > now ? record : undefined;
}

/** A record is stored once: neither a consumed one nor one that was revoked can be put back. */
export function add(tables: Tables, record: TokenRecord, now: number): void {
  if (tables.revoked.doesExist(record.authorizationID) || read(tables, record.id, now)) return;
  const { id, kind, authorizationID, clientID, subject, expiresAt, data } = record;
  insert(tables, { id, kind, authorizationID, clientID, subject, expiresAt, data });
}

export function consume(tables: Tables, id: string, { now, seal, next = [] }: Consumption): Consumed | undefined {
  const record = read(tables, id, now);
  if (!record) return undefined;
  if (record.consumedAt !== undefined) return { first: false, record };
  const consumed = { ...record, consumedAt: now, ...(seal !== undefined && { seal }) };
  tables.records.putSync(id, encode(consumed));
  for (const each of next) add(tables, each, now);
  return { first: true, record: consumed };
}

export function revoke(tables: Tables, authorizationID: string, until: number): void {
  const { records, expiries, revoked } = tables;
  const tag = tagOf(authorizationID);
  for (const { key: id, value } of [...records.getRange({ start: `${tag}.`, end: `${tag}/` })]) {
    if ((decode(id, value)?.authorizationID ?? authorizationID) === authorizationID) drop(tables, id);
  }
  if (until <= (revoked.get(authorizationID) ?? Number.NEGATIVE_INFINITY)) return;
  revoked.putSync(authorizationID, until);
  expiries.putSync([until, REVOCATION + authorizationID], '');
}

export function list(tables: Tables, subject: string, now: number): readonly StoredRecord[] {
  const key = digest(subject);
  const ids = [...tables.subjects.getKeys({ start: [key, ''], end: [key, '~'] })].map(([, id]) => id);
  const records = ids.map((id) => read(tables, id, now)).filter((record) => record !== undefined);
  return records.filter((record) => record.subject === subject && record.consumedAt === undefined);
}

/** The keys of what expired first, as many as one batch may have. */
export function expired({ expiries }: Tables, now: number): readonly [number, string][] {
  return [...expiries.getKeys({ end: [now, '~'], limit: BATCH })];
}

export function purge(tables: Tables, now: number): number {
  const keys = expired(tables, now);
  for (const key of keys) {
    const [, id] = key;
    const authorizationID = id.slice(REVOCATION.length);
    tables.expiries.removeSync(key);
    if (!id.startsWith(REVOCATION)) {
      if (!read(tables, id, now)) drop(tables, id); // a record that was put in the place of an expired one expires later
    } else if ((tables.revoked.get(authorizationID) ?? 0) <= now) tables.revoked.removeSync(authorizationID);
  }
  return keys.length;
}
