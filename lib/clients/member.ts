/** Reads one member of a client's registration. Only this file decides which values can be read. */
import { isEpochSeconds } from '../clock.js';
import { warnOnce } from '../errors/warning.js';

/** The value of a member; undefined if the value is not an object, or has no such member. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Whether a member is absent. Databases have null where JSON leaves a member out. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** The first of these members that a client registered, whatever its value is. */
export function firstRegistered(client: unknown, names: readonly string[]): string | undefined {
  return names.find((name) => !isAbsent(memberOf(client, name)));
}

/** An identifier as a string. Many databases have numbers as keys. */
export function identifierIn(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Warns the operator that a member of a client's registration cannot be read. @param form how the member must be written, for the message */
export function warnOfUnreadable(client: unknown, name: string, form?: string): void {
  const id = identifierIn(memberOf(client, 'client_id') ?? memberOf(client, 'id')) ?? 'without client_id';
  warnOnce(
    'KOAUTHORIZE_REGISTRATION',
    `${name} of the client ${JSON.stringify(id)} cannot be read, so it allows nothing${form === undefined ? '' : `: write ${form}`}`,
    `${name} ${id}`,
  );
}

/** Checks one item of a list. */
type IsItem = (item: unknown) => item is string;

export function isText(item: unknown): item is string {
  return typeof item === 'string';
}

/** RFC 6749 appendix A.4: words of scope-token characters. A list that was stored as JSON text does not match, because of its quotes. */
const WORDS = /^[\x21\x23-\x5b\x5d-\x7e]+(?: +[\x21\x23-\x5b\x5d-\x7e]+)*$/;

function isWords(item: unknown): item is string {
  return isText(item) && WORDS.test(item);
}

/**
 * A member that is a list: an array or a Set of strings, since ORMs give either.
 *
 * @returns undefined if the member is absent, which restricts nothing; an empty list, which allows nothing, if it cannot be read
 * @example const mayUse = listOf(client, 'response_types')?.includes('code') ?? true;
 */
export function listOf(client: unknown, name: string, isItem: IsItem = isWords): readonly string[] | undefined {
  const value = memberOf(client, name);
  if (isAbsent(value)) return undefined;
  const items: readonly unknown[] | undefined =
    value instanceof Set ? [...value] : Array.isArray(value) ? value : undefined;
  if (items?.every(isItem)) return items;
  warnOfUnreadable(client, name);
  return [];
}

function splitWords(text: string): readonly string[] {
  const words = text.split(' ');
  return words.includes('') ? words.filter(Boolean) : words;
}

/**
 * A member that is either a text of words separated by spaces (RFC 7591 §2: `scope`), or a list of words.
 *
 * @returns undefined or an empty list in the same cases as `listOf`
 * @example const registered = wordsOf(client, 'scope');
 */
export function wordsOf(client: unknown, name: string): readonly string[] | undefined {
  const value = memberOf(client, name);
  if (isText(value) && (value === '' || isWords(value))) return splitWords(value);
  return listOf(client, name)?.flatMap(splitWords);
}

/** Replaces a text that cannot be read. It is not equal to any value that is compared with it, so it allows nothing. */
export const UNREADABLE = '';

/** A member that is a text: undefined if it is absent, and an empty string if it is something else. @example const keysAt = textOf(client, 'jwks_uri'); */
export function textOf(client: unknown, name: string): string | undefined {
  const value = memberOf(client, name);
  if (isAbsent(value)) return undefined;
  if (isText(value)) return value;
  warnOfUnreadable(client, name);
  return UNREADABLE;
}

/** Replaces a time that cannot be read: a secret with such an expiry has expired. */
const LONG_AGO = 1;

/**
 * A member that is a time in epoch seconds: a number, or a text of digits, since drivers give large integers as text. A time that cannot be read, and one in
 * milliseconds, which would never come, counts as long past.
 *
 * @example const isOver = (timeOf(client, 'client_secret_expires_at') ?? Infinity) < Date.now() / 1000;
 */
export function timeOf(client: unknown, name: string): number | undefined {
  const value = memberOf(client, name);
  if (isAbsent(value)) return undefined;
  const isTime = typeof value === 'number' || typeof value === 'bigint' || (isText(value) && /^\d+$/.test(value));
  const time = isTime ? Number(value) : Number.NaN;
  if (time >= 0 && isEpochSeconds(time)) return time;
  warnOfUnreadable(client, name, 'a number of seconds');
  return LONG_AGO;
}

/** Absent, false, and the values that databases without booleans use for false. */
const FALSE_VALUES: ReadonlySet<unknown> = new Set([undefined, null, false, 0, '', '0', 'false']);

/**
 * A member that restricts the client if it is true. A value that cannot be read counts as true, so that it allows nothing.
 *
 * @example if (restricts(client, 'require_signed_vouchers')) throw new TokenError('The voucher is not signed', 'invalid_grant');
 */
export function restricts(client: unknown, name: string): boolean {
  return !FALSE_VALUES.has(memberOf(client, name));
}
