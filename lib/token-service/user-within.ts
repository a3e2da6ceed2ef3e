import { isPart } from './access-token.js';
import { keptIn } from './kept.js';
import type { StoredRecord } from './store.js';

/**
 * A record with the user whose it is, which that of a family and that of a part have within. They are in no list of the user's: there one of them could stand
 * for its authorization, of which it does not say the client, the scope and the login session.
 */
export function withUser(record: StoredRecord): StoredRecord {
  if (record.subject !== undefined || (record.kind !== 'authorization' && !isPart(record))) return record;
  const { subject } = (keptIn(record.data) ?? {}) as { readonly subject?: string };
  return Object.assign({}, record, subject !== undefined && { subject });
}
