import { isPart } from './access-token.js';
import { keptIn } from './kept.js';
import type { StoredRecord } from './store.js';

/**
 * The record with its user. Records of families and of parts have the user only in their data, so that they never appear in the list of the user's
 * authorizations: `list` gives one record for each authorization, and these records lack its client, scope and login session.
 */
export function withUser(record: StoredRecord): StoredRecord {
  if (record.subject !== undefined || (record.kind !== 'authorization' && !isPart(record))) return record;
  const { subject } = (keptIn(record.data) ?? {}) as { readonly subject?: string };
  return Object.assign({}, record, subject !== undefined && { subject });
}
