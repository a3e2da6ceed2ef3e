/** Reads one member of a client's registration: the one place that says what can be read, and what cannot. */
import { warnOnce } from '../errors/warning.js';

/** The value of a member that an object may have. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Whether a registration says nothing: databases have null where JSON leaves a member out. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** An identifier: databases have numbers for keys, the protocol has strings. */
export function identifierIn(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Tells the operator which member of which client was registered and cannot be read. */
export function warnOfUnreadable(client: unknown, name: string): void {
  const id = identifierIn(memberOf(client, 'client_id') ?? memberOf(client, 'id')) ?? 'without client_id';
  warnOnce(
    'KOAUTHORIZE_REGISTRATION',
    `${name} of the client ${JSON.stringify(id)} cannot be read, so it allows nothing`,
    `${name} ${id}`,
  );
}

/** Whether an item of a list can be what it should be. */
type IsItem = (item: unknown) => item is string;

export function isText(item: unknown): item is string {
  return typeof item === 'string';
}

/** RFC 6749 appendix A.4: the characters of a word. The quotes of JSON, say, are not among them. */
const WORDS = /^[\x21\x23-\x5b\x5d-\x7e]+(?: +[\x21\x23-\x5b\x5d-\x7e]+)*$/;

function isWords(item: unknown): item is string {
  return isText(item) && WORDS.test(item);
}

/**
 * A member that lists something: an array or a Set of strings, as ORMs give either.
 *
 * @returns undefined where nothing was registered, which restricts nothing; an empty list, which allows nothing, where what was
 * registered cannot be read
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

/** A member that is words with spaces between (RFC 7591 §2: `scope`), or a list of them. Otherwise the same. */
export function wordsOf(client: unknown, name: string): readonly string[] | undefined {
  const value = memberOf(client, name);
  const texts = isText(value) && (value === '' || isWords(value)) ? [value] : listOf(client, name);
  return texts?.flatMap((text) => text.split(' ').filter(Boolean));
}

/** What stands for a text that was registered and cannot be read: it equals no text that anything could have. */
export const UNREADABLE = '';

/** A member that is one text; undefined where nothing was registered, and UNREADABLE where what was registered is no text. */
export function textOf(client: unknown, name: string): string | undefined {
  const value = memberOf(client, name);
  if (isAbsent(value)) return undefined;
  if (isText(value)) return value;
  warnOfUnreadable(client, name);
  return UNREADABLE;
}

/** Stands for a time that was registered and cannot be read: it has passed. */
const LONG_AGO = 1;

/** A member that is a time in epoch seconds: a number, or its digits, as drivers have it of large integers. */
export function timeOf(client: unknown, name: string): number | undefined {
  const value = memberOf(client, name);
  if (isAbsent(value)) return undefined;
  const isTime = typeof value === 'number' || typeof value === 'bigint' || (isText(value) && /^\d+$/.test(value));
  const time = isTime ? Number(value) : Number.NaN;
  if (time >= 0 && Number.isFinite(time)) return time;
  warnOfUnreadable(client, name);
  return LONG_AGO;
}

/** How databases without booleans write false. */
const NO: ReadonlySet<unknown> = new Set([undefined, null, false, 0, '', '0', 'false']);

/** A member that restricts where it is true: whatever is not one of the ways to write false restricts. */
export function restricts(client: unknown, name: string): boolean {
  return !NO.has(memberOf(client, name));
}
