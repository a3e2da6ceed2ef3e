import type { TokenRecord } from '../store.js';

/**
 * A tag, a dot and a rest. The sender of a token chooses both parts, so an ID that no record can have is not looked up in a database: it
 * could be too long for LMDB, contain a NUL, which PostgreSQL refuses, or a brace, which would move the key to another slot of a Redis cluster.
 */
const RECORD = /^[\w-]{1,64}\.[\w.~-]{1,128}$/;

/** The ID of an authorization may be its tag alone. */
const AUTHORIZATION = /^[\w-]{1,64}(?:\.[\w.~-]{1,128})?$/;

/** Whether a record can have this ID. */
export function isID(id: string): boolean {
  return RECORD.test(id);
}

/** Whether an authorization can have this ID. */
export function isAuthorizationID(id: string): boolean {
  return AUTHORIZATION.test(id);
}

/** The part of an ID that all records of one authorization share. */
export function tagOf(id: string): string {
  const dot = id.indexOf('.');
  return dot < 0 ? id : id.slice(0, dot);
}

/**
 * Checks records that are stored in one call, for a store of your own: call it first in `put`.
 *
 * @throws TypeError if one has an invalid ID or time, or they are not of one authorization, or not of one tag
 * @example const put = async (records: readonly TokenRecord[]) => checkRecords(records); // and then stores them
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
      throw new TypeError(`The consumedAt of the record ${record.id} is not a number`);
    if (!Number.isFinite(record.expiresAt))
      throw new TypeError(`The expiresAt of the record ${record.id} is not a number`);
  }
}

/**
 * Checks records that replace a consumed one, for a store of your own: call it first in `consume`.
 *
 * @param id the ID of the record that is consumed
 * @param next the records that replace it
 * @throws TypeError if one is invalid, or has another tag
 * @example const consume = async (id: string, { next = [] }: Consumption) => checkSuccessors(id, next); // and then consumes the record
 */
export function checkSuccessors(id: string, next: readonly TokenRecord[]): void {
  checkRecords(next);
  const [first] = next;
  if (first && tagOf(first.id) !== tagOf(id))
    throw new TypeError(`The record ${first.id} cannot replace ${id}: it has another tag`);
}
