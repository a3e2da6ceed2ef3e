import type { Tables } from './lmdb-environment.js';
import { CONSUMED, drop, find, type OwnTime, REVOCATION } from './lmdb-tables.js';

/**
 * The most entries that one batch removes. No process can write until the batch is on the disk. Writing takes most of the time, because each entry changes
 * other pages: on a busy disk 100 entries took 28 ms, 250 took 52 ms and 500 took 91 ms (medians).
 */
export const BATCH = 100;

/** The keys of the oldest entries that are due, for one batch. */
export function expired({ expiries }: Tables, { now, purgeDelay }: OwnTime): readonly [number, string][] {
  return [...expiries.getKeys({ end: [now - purgeDelay, '~'], limit: BATCH })];
}

/**
 * Removes what an entry names, if it has expired. If not, the expired record or revocation was replaced since, and the newer one has an
 * entry of its own.
 */
function forget(tables: Tables, name: string, { now, purgeDelay }: OwnTime): void {
  const purged = now - purgeDelay;
  if (name.startsWith(REVOCATION)) {
    const authorizationID = name.slice(REVOCATION.length);
    if ((tables.revoked.get(authorizationID) ?? 0) <= purged) tables.revoked.removeSync(authorizationID);
  } else if (name.startsWith(CONSUMED)) {
    const id = name.slice(CONSUMED.length);
    const record = find(tables, id);
    if (record?.consumedAt !== undefined && record.expiresAt <= now) drop(tables, id, record);
  } else {
    const record = find(tables, name);
    if (!record || record.expiresAt <= purged) drop(tables, name, record);
  }
}

/** Removes one batch. */
export function purge(tables: Tables, time: OwnTime): void {
  for (const key of expired(tables, time)) {
    tables.expiries.removeSync(key);
    forget(tables, key[1], time);
  }
}
