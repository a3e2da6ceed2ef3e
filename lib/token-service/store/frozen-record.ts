/** Records of the memory store. Only for speed, they are written member by member: `Object.assign` takes ten times the instructions. */
import type { StoredRecord, TokenRecord } from '../store.js';
import { frozenCopy } from './frozen-copy.js';

type Writable = { -readonly [Name in keyof StoredRecord]: StoredRecord[Name] };

type Spent = Pick<StoredRecord, 'expiresAt' | 'consumedAt' | 'seal'>;

/** A frozen record with this data and these members of a consumed record. It has no member without a value. */
function frozen(record: TokenRecord, data: unknown, { expiresAt, consumedAt, seal }: Spent): StoredRecord {
  const { id, kind, authorizationID, clientID, subject } = record;
  const written: Writable = { id, kind, authorizationID, clientID, expiresAt, data };
  if (subject !== undefined) written.subject = subject;
  if (consumedAt !== undefined) written.consumedAt = consumedAt;
  if (seal !== undefined) written.seal = seal;
  return Object.freeze(written);
}

/** A frozen copy of a record. @throws {TypeError} if its data is nested too deeply */
export function frozenRecord(record: TokenRecord): StoredRecord {
  const { expiresAt, consumedAt } = record;
  return frozen(record, frozenCopy(record.data), { expiresAt, consumedAt });
}

/** A stored record after it was consumed. */
export function spentRecord(record: StoredRecord, spent: Spent): StoredRecord {
  return frozen(record, record.data, spent);
}
