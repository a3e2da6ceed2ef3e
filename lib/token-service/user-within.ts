import { isPart } from './access-token.js';
import { keptIn } from './kept.js';
import type { StoredRecord } from './store.js';

/**
 * Gives a record its user. Records of families and of parts have the user in their data, so that no list of the user's authorizations has them: such a record
 * could stand for its authorization there, and has neither the client, nor the scope, nor the login session of that.
 */
export function withUser(record: StoredRecord): StoredRecord {
  if (record.subject !== undefined || (record.kind !== 'authorization' && !isPart(record))) return record;
  const { subject } = (keptIn(record.data) ?? {}) as { readonly subject?: string };
  return Object.assign({}, record, subject !== undefined && { subject });
}
