import type { StoredRecord } from '../store.js';

/** For each authorization the record that expires last. */
export function longestLived(records: Iterable<StoredRecord>): readonly StoredRecord[] {
  const found = new Map<string, StoredRecord>();
  for (const record of records) {
    const longest = found.get(record.authorizationID);
    if (!longest || longest.expiresAt < record.expiresAt) found.set(record.authorizationID, record);
  }
  return [...found.values()];
}
