import type { TokenRecord } from '../store.js';

/**
 * A tag, a dot and a rest. Whoever presents a token chooses both parts, so what no record can have is never asked of a database:
 * not a key too long for LMDB, not a NUL that PostgreSQL refuses, not a brace that would move a key to another slot of a Redis
 * cluster.
 */
const RECORD = /^[\w-]{1,64}\.[\w.~-]{1,128}$/;

/** An authorization may be named by its tag alone. */
const AUTHORIZATION = /^[\w-]{1,64}(?:\.[\w.~-]{1,128})?$/;

/** Whether a record can have this ID. */
export function isID(id: string): boolean {
  return RECORD.test(id);
}

/** Whether an authorization can have this ID. */
export function isAuthorizationID(id: string): boolean {
  return AUTHORIZATION.test(id);
}

/** What all IDs of one authorization begin with. */
export function tagOf(id: string): string {
  const dot = id.indexOf('.');
  return dot < 0 ? id : id.slice(0, dot);
}

/**
 * What every store asks of records that come in together.
 *
 * @throws {TypeError} where they have no proper ID or time, or are not of one authorization
 */
export function checkRecords(records: readonly TokenRecord[]): void {
  const authorizationID = records[0]?.authorizationID;
  if (authorizationID === undefined) return;
  if (!isAuthorizationID(authorizationID)) throw new TypeError(`Not the ID of an authorization: ${authorizationID}`);
  const tag = `${tagOf(authorizationID)}.`;
  for (const record of records) {
    if (!isID(record.id)) throw new TypeError(`Not the ID of a record: ${record.id}`);
    if (record.authorizationID !== authorizationID || !record.id.startsWith(tag)) {
      throw new TypeError(`The record ${record.id} is of another authorization, or has another tag`);
    }
    if (!Number.isFinite(record.consumedAt ?? 0))
      throw new TypeError(`The record ${record.id} was consumed at no time`);
    if (!Number.isFinite(record.expiresAt)) throw new TypeError(`The record ${record.id} has no time to expire`);
  }
}

/**
 * What every store asks of the records that take the place of another.
 *
 * @throws {TypeError} where they are no proper records, or of another tag
 */
export function checkSuccessors(id: string, next: readonly TokenRecord[]): void {
  checkRecords(next);
  const [first] = next;
  if (first && tagOf(first.id) !== tagOf(id)) throw new TypeError(`The record ${first.id} is no successor of ${id}`);
}
