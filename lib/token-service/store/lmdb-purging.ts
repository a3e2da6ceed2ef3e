import type { Tables } from './lmdb-environment.js';
import { CONSUMED, drop, find, type OwnTime, REVOCATION } from './lmdb-tables.js';
import { BATCH } from './purging.js';

/** What is to be purged first, as much as one batch may have. */
export function expired({ expiries }: Tables, { now, purgeDelay }: OwnTime): readonly [number, string][] {
  return [...expiries.getKeys({ end: [now - purgeDelay, '~'], limit: BATCH })];
}

/** A record or mark that took the place of an expired one has an entry of its own, later. */
function forget(tables: Tables, name: string, { now, purgeDelay }: OwnTime): void {
  const long = now - purgeDelay;
  if (name.startsWith(REVOCATION)) {
    const authorizationID = name.slice(REVOCATION.length);
    if ((tables.revoked.get(authorizationID) ?? 0) <= long) tables.revoked.removeSync(authorizationID);
  } else if (name.startsWith(CONSUMED)) {
    const id = name.slice(CONSUMED.length);
    const record = find(tables, id);
    if (record?.consumedAt !== undefined && record.expiresAt <= now) drop(tables, id, record);
  } else {
    const record = find(tables, name);
    if (!record || record.expiresAt <= long) drop(tables, name, record);
  }
}

/** @returns how many entries it has dealt with */
export function purge(tables: Tables, time: OwnTime): number {
  const keys = expired(tables, time);
  for (const key of keys) {
    tables.expiries.removeSync(key);
    forget(tables, key[1], time);
  }
  return keys.length;
}
