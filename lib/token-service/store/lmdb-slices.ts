/** Work on any number of records, in slices. Between two slices the event loop can run other requests. */
import { setImmediate } from 'node:timers/promises';
import type { Transaction } from 'lmdb';
import type { StoredRecord } from '../store.js';
import { decode } from './encoding.js';
import { tagOf } from './id.js';
import type { Tables } from './lmdb-environment.js';
import { digest, drop, find, isRevoked } from './lmdb-tables.js';
import { longestLived } from './longest-lived.js';

/** Records that are read or removed before other requests of the process can run. */
export const SLICE = 500;

/**
 * Reads one state of the database while others write to it. LMDB cannot reuse freed pages while a snapshot is open, so it must not stay open
 * while a caller processes the records.
 */
async function onSnapshot<T>({ root }: Tables, work: (snapshot: Transaction) => Promise<T>): Promise<T> {
  root.resetReadTxn(); // so that the snapshot has what other processes have committed so far
  const snapshot = root.useReadTransaction();
  root.resetReadTxn(); // so that other reads of this process do not use the snapshot
  try {
    return await work(snapshot);
  } finally {
    snapshot.done();
  }
}

/** @param take gives the next `SLICE` entries after an entry */
async function* slices<T>(take: (after: T | undefined) => readonly T[]): AsyncIterable<readonly T[]> {
  let slice = take(undefined);
  yield slice;
  while (slice.length === SLICE) {
    await setImmediate();
    slice = take(slice.at(-1));
    yield slice;
  }
}

/** One record of each live authorization of a user. A refresh at the same time is seen as a whole, or not at all. */
export async function list(tables: Tables, subject: string, now: number): Promise<readonly StoredRecord[]> {
  const key = digest(subject);
  const found = await onSnapshot(tables, async (transaction) => {
    const ids = slices<[string, string]>((after = [key, '']) => {
      const range = { start: after, exclusiveStart: true, end: [key, '~'], limit: SLICE, transaction };
      return [...tables.subjects.getKeys(range)];
    });
    const longest: StoredRecord[] = [];
    for await (const slice of ids) {
      const records = slice.map(([, id]) => find(tables, id, transaction)).filter((record) => record !== undefined);
      const live = records.filter((record) => record.expiresAt > now && record.consumedAt === undefined);
      longest.push(...longestLived(live.filter((record) => record.subject === subject)));
    }
    return longestLived(longest);
  });
  tables.root.resetReadTxn();
  return found.filter(({ authorizationID }) => !isRevoked(tables, authorizationID)); // also those that were revoked since the snapshot
}

/** The live records of an authorization: among those with its tag, which are neighbours. */
export async function family(tables: Tables, authorizationID: string, now: number): Promise<readonly StoredRecord[]> {
  const [start, end] = [`${tagOf(authorizationID)}.`, `${tagOf(authorizationID)}/`];
  const found = await onSnapshot(tables, async (transaction) => {
    const entries = slices<{ readonly key: string; readonly value: string }>((after) => [
      ...tables.records.getRange({
        start: after?.key ?? start,
        exclusiveStart: after !== undefined,
        end,
        limit: SLICE,
        transaction,
      }),
    ]);
    const own: StoredRecord[] = [];
    for await (const slice of entries) {
      const records = slice.map(({ key, value }) => decode(key, value)).filter((record) => record !== undefined);
      own.push(...records.filter((record) => record.authorizationID === authorizationID && record.expiresAt > now));
    }
    return own;
  });
  tables.root.resetReadTxn();
  return isRevoked(tables, authorizationID) ? [] : found;
}

/** Some of a client's records, and the key at which the next page begins. */
export interface Page {
  readonly records: readonly StoredRecord[];
  readonly next: string | undefined;
}

/**
 * Reads one page. The records of one authorization are neighbours, since their IDs begin with its tag, and a page always ends at the end of a
 * tag. So if a refresh between two pages replaces records, the authorization is still found.
 */
export function pageOf(tables: Tables, clientID: string, now: number, start: string): Promise<Page> {
  return onSnapshot(tables, async (transaction) => {
    const records: StoredRecord[] = [];
    const collect = (range: { readonly start: string; readonly exclusiveStart?: boolean; readonly end?: string }) => {
      const entries = [...tables.records.getRange({ ...range, limit: SLICE, transaction })];
      const all = entries.map(({ key, value }) => decode(key, value)).filter((record) => record !== undefined);
      records.push(...all.filter((record) => record.clientID === clientID && record.expiresAt > now));
      return entries.map(({ key }) => key);
    };
    const ids = collect({ start });
    const last = ids.at(-1);
    if (last === undefined || ids.length < SLICE) return { records, next: undefined };
    const end = `${tagOf(last)}/`; // `/` follows `.` in ASCII, so this is behind all IDs of the tag
    await setImmediate();
    const rest = slices<string>((after = last) => collect({ start: after, exclusiveStart: true, end }));
    for await (const _ of rest);
    return { records, next: end };
  });
}

/**
 * Removes one slice of the records of an authorization.
 *
 * @returns the key at which to continue; undefined at the end
 */
export function dropSome(tables: Tables, authorizationID: string, start: string): string | undefined {
  const end = `${tagOf(authorizationID)}/`;
  const slice = [...tables.records.getRange({ start, end, limit: SLICE })];
  for (const { key: id, value } of slice) {
    const record = decode(id, value);
    if (!record || record.authorizationID === authorizationID) drop(tables, id, record);
  }
  return slice.length < SLICE ? undefined : slice.at(-1)?.key;
}
