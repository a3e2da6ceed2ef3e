/** Work on as many records as there are, cut in slices: between two of them others have their turn. */
import { setImmediate } from 'node:timers/promises';
import type { Transaction } from 'lmdb';
import type { StoredRecord } from '../store.js';
import { decode } from './encoding.js';
import { tagOf } from './id.js';
import type { Tables } from './lmdb-environment.js';
import { digest, drop, find, isRevoked } from './lmdb-tables.js';
import { longestLived } from './longest-lived.js';
import { BATCH } from './purging.js';

/** One state of the database, whatever is written meanwhile. While it is held, no room is used again: never while a caller is waited for. */
export async function onSnapshot<T>({ root }: Tables, work: (snapshot: Transaction) => Promise<T>): Promise<T> {
  root.resetReadTxn(); // what other processes have committed by now counts
  const snapshot = root.useReadTransaction();
  root.resetReadTxn(); // what others read from now on is another one
  try {
    return await work(snapshot);
  } finally {
    snapshot.done();
  }
}

/**
 * @param take the next `BATCH` entries after the one that is named
 */
async function* slices<T>(take: (after: T | undefined) => readonly T[]): AsyncIterable<readonly T[]> {
  let slice = take(undefined);
  yield slice;
  while (slice.length === BATCH) {
    await setImmediate();
    slice = take(slice.at(-1));
    yield slice;
  }
}

/** One record of each live authorization of a user. A refresh that goes on meanwhile is in it, or is not: never the half of it. */
export async function list(tables: Tables, subject: string, now: number): Promise<readonly StoredRecord[]> {
  const key = digest(subject);
  const found = await onSnapshot(tables, async (transaction) => {
    const ids = slices<[string, string]>((after = [key, '']) => {
      const range = { start: after, exclusiveStart: true, end: [key, '~'], limit: BATCH, transaction };
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
  return found.filter(({ authorizationID }) => !isRevoked(tables, authorizationID)); // by what was revoked meanwhile as well
}

/** Some of a client's records, and where the next begin. */
export interface Page {
  readonly records: readonly StoredRecord[];
  readonly next: string | undefined;
}

/**
 * The records of one authorization are neighbours, since their IDs begin with its tag. So a page ends where a tag ends, and a refresh
 * between two pages moves nothing from one that comes to one that has been.
 */
export function pageOf(tables: Tables, clientID: string, now: number, start: string): Promise<Page> {
  return onSnapshot(tables, async (transaction) => {
    const records: StoredRecord[] = [];
    const collect = (range: { readonly start: string; readonly exclusiveStart?: boolean; readonly end?: string }) => {
      const entries = [...tables.records.getRange({ ...range, limit: BATCH, transaction })];
      const all = entries.map(({ key, value }) => decode(key, value)).filter((record) => record !== undefined);
      records.push(...all.filter((record) => record.clientID === clientID && record.expiresAt > now));
      return entries.map(({ key }) => key);
    };
    const ids = collect({ start });
    const last = ids.at(-1);
    if (last === undefined || ids.length < BATCH) return { records, next: undefined };
    const end = `${tagOf(last)}/`; // the character after the dot
    await setImmediate();
    const rest = slices<string>((after = last) => collect({ start: after, exclusiveStart: true, end }));
    for await (const _ of rest);
    return { records, next: end };
  });
}

/**
 * Removes some of what there is of an authorization.
 *
 * @returns where to go on
 */
export function dropSome(tables: Tables, authorizationID: string, start: string): string | undefined {
  const end = `${tagOf(authorizationID)}/`;
  const slice = [...tables.records.getRange({ start, end, limit: BATCH })];
  for (const { key: id, value } of slice) {
    const record = decode(id, value);
    if (!record || record.authorizationID === authorizationID) drop(tables, id, record);
  }
  return slice.length < BATCH ? undefined : slice.at(-1)?.key;
}
