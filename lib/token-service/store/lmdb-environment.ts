import { mkdirSync, statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Database, open, RootDatabase } from 'lmdb';

/** One LMDB environment. The tables and what they hold are those of 0.1.0, whose processes may use the same files at the same time. */
export interface Tables {
  readonly root: RootDatabase;
  /** ID to record. */
  readonly records: Database<string, string>;
  /** What is to be purged, in order of time: `[epoch seconds, name]`. `lmdb-purging.ts` has the names. */
  readonly expiries: Database<string, [number, string]>;
  /** `[digest of the subject, ID]`. */
  readonly subjects: Database<string, [string, string]>;
  /** Authorization ID to `until`. */
  readonly revoked: Database<number, string>;
}

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

/** Bytes, more than the lock file has. */
const ROOM = 65_536;

/** LMDB maps its lock file into memory: where the disk had no room for it, the first touch of it would end the process (SIGBUS). */
function requireRoom(path: string): void {
  const lock = extname(path) ? `${path}-lock` : join(path, 'lock.mdb');
  mkdirSync(dirname(lock), { recursive: true });
  if (statSync(lock, { throwIfNoEntry: false })?.blocks) return;
  const { bavail, bsize } = statfsSync(dirname(lock));
  if (bavail * bsize < ROOM) throw new Error(`No space left on device: ${bavail * bsize} bytes`);
}

function openTablesOf(root: RootDatabase): Tables {
  const encoding = 'string' as const;
  return {
    root,
    records: root.openDB({ name: 'records', encoding }),
    expiries: root.openDB({ name: 'expiries', encoding }),
    subjects: root.openDB({ name: 'subjects', encoding }),
    revoked: root.openDB({ name: 'revoked' }),
  };
}

function openEnvironment(path: string, { open }: Driver): Tables {
  requireRoom(path);
  // Without overlappingSync a transaction is on the disk when its promise resolves. Transactions that wait meanwhile are
  // committed together, so that this is no slower under load. With eventTurnBatching the driver makes a promise of its own for each
  // batch, which nobody can listen to: when the disk is full it is rejected, and the process would end.
  const root = open({ path, overlappingSync: false, eventTurnBatching: false });
  try {
    return openTablesOf(root);
  } catch (error) {
    closing = root.close(); // the next attempt opens the same path
    throw error;
  }
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

/**
 * Why a commit failed. The driver says so by a promise inside of the error, which is rejected in the same turn of the event loop, and
 * which would end the process if nobody listened to it.
 */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> };
  try {
    await Promise.race([commitError, setImmediate()]);
    return error;
  } catch (cause) {
    return cause;
  }
}

/** All or nothing, one after the other among all processes, and on the disk when it resolves. */
export async function transact<T>({ root }: Tables, work: () => T): Promise<T> {
  try {
    return await root.childTransaction(work);
  } catch (error) {
    throw await causeOf(error);
  }
}
