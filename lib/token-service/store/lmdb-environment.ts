import { mkdirSync, statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Database, open, RootDatabase } from 'lmdb';

/** One LMDB environment. Names and contents of the tables are those of version 0.1.0, whose processes may use the same files at the same time. */
export interface Tables {
  readonly root: RootDatabase;
  /** From ID to record. */
  readonly records: Database<string, string>;
  /** What to remove and when, in the order of time: `[epoch seconds, name]`. A name is an ID, with a prefix (`REVOCATION`, `CONSUMED`) or without. */
  readonly expiries: Database<string, [number, string]>;
  /** `[digest of the subject, ID]`. */
  readonly subjects: Database<string, [string, string]>;
  /** From authorization ID to `until` of its revocation. */
  readonly revoked: Database<number, string>;
}

/** The environments that this process has open. Two of one path would wait for each other's locks for ever, so stores of one path share one. */
const environments = new Map<string, { readonly tables: Tables; users: number }>();
let closing: Promise<void> = Promise.resolve();

interface Driver {
  readonly open: typeof open;
}

/** Loads the package on first use: applications without an LMDB store need not install it. */
function loadDriver(): Driver {
  const require = createRequire(import.meta.url);
  try {
    return require('lmdb') as Driver;
  } catch (cause) {
    throw new Error('lmdbStore needs the package lmdb: npm install lmdb', { cause });
  }
}

/** More than the size of LMDB's lock file. */
const MIN_FREE_BYTES = 65_536;

/** Whether the path is the file that version 0.1.0 made of a path with an extension, since the driver does so unless it is told otherwise. */
function isOldFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** LMDB maps its lock file into memory. If the disk has no room for it, the first access would end the process by SIGBUS. */
function requireRoom(path: string, isFile: boolean): void {
  const lock = isFile ? `${path}-lock` : join(path, 'lock.mdb');
  mkdirSync(dirname(lock), { recursive: true });
  if (statSync(lock, { throwIfNoEntry: false })?.blocks) return;
  const { bavail, bsize } = statfsSync(dirname(lock));
  if (bavail * bsize < MIN_FREE_BYTES) throw new Error(`No space left on device: ${bavail * bsize} bytes`);
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
  const noSubdir = isOldFile(path);
  requireRoom(path, noSubdir);
  // Without overlappingSync a transaction is on the disk when its promise resolves. Transactions that wait meanwhile are committed together,
  // so this is not slower under load. With eventTurnBatching the driver makes an internal promise for each batch. If the disk is full it is
  // rejected, and since no code can handle that, the process would end.
  const root = open({ path, noSubdir, overlappingSync: false, eventTurnBatching: false });
  try {
    return openTablesOf(root);
  } catch (error) {
    closing = root.close(); // before the next attempt opens the same path
    throw error;
  }
}

/** Opens the environment of a path, or shares the one that is open. Close it as often as it was opened. */
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
 * The cause of a failed commit. The driver puts a promise into the error, and rejects it in the same turn of the event loop. The rejection would
 * end the process if it were not handled.
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

/** Runs a write transaction: atomic, never at the same time as another one of any process, and on the disk when the promise resolves. */
export async function transact<T>({ root }: Tables, work: () => T): Promise<T> {
  try {
    return await root.childTransaction(work);
  } catch (error) {
    throw await causeOf(error);
  }
}
