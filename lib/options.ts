/** Options objects: a misspelt name throws at start, also in plain JavaScript, where no compiler finds it. */

import { isInMilliseconds } from './clock.js';

/**
 * Every name of an options interface. Where one is missing or misspelt, the list does not compile.
 *
 * @example const OPTIONS: OptionNames<PKCEOptions> = { allowPlain: true, allowMissing: true };
 */
export type OptionNames<O> = Readonly<Record<keyof O, true>>;

/** Characters of a name that are compared, so that the work has a bound. */
const MAX_COMPARED = 64;

/** How many characters must be added, removed or replaced to make one text of the other (Levenshtein distance). */
function distance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}

/** Whether a name is probably another one that is misspelt: at most a quarter of its characters differ. */
export function isNear(name: string, other: string): boolean {
  const length = Math.max(name.length, other.length);
  if (length > MAX_COMPARED || Math.abs(name.length - other.length) > length / 4) return false;
  return distance(name.toLowerCase(), other.toLowerCase()) <= length / 4;
}

/** The known name that is most like this one. Upper and lower case count as alike: `clientId` is most like `clientID`. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const text = name.slice(0, MAX_COMPARED).toLowerCase();
  const [first] = known
    .map((each) => ({ each, away: distance(text, each.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  return first?.each;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** The time of a clock; undefined if it cannot be read yet, such as the clock of a server that is made later. */
function timeOf(now: unknown): unknown {
  try {
    return typeof now === 'function' ? now() : undefined;
  } catch {
    return undefined;
  }
}

/** @throws TypeError for a clock that gives milliseconds, or something other than a number, such as a Date */
function requireClock(now: unknown, what: string): void {
  const time = timeOf(now);
  if (time !== undefined && (!Number.isFinite(time) || isInMilliseconds(time)))
    throw new TypeError(`${what}({ now }) gives epoch seconds, not ${time}: () => Math.floor(Date.now() / 1000)`);
}

/**
 * Compares the names of an options object with the known names. Only its own enumerable members are compared, whatever their values are, so an
 * instance of a class may have methods. `undefined` is accepted.
 *
 * @param what the function that takes the options, for the message
 * @throws TypeError for an unknown name, with the nearest known name; for options that are not an object; and for a clock, `now`, in milliseconds
 * @example requireKnown<PKCEOptions>({ allowPlain: true }, { allowPlain: true, allowMissing: true }, 'pkce');
 */
export function requireKnown<O extends object>(
  options: O | undefined,
  known: OptionNames<NoInfer<O>>,
  what: string,
): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`${what} takes an object of options, not ${typeOf(options)}`);
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  requireClock((options as { readonly now?: unknown }).now, what);
  if (unknown === undefined) return;
  if ('req' in options && 'res' in options)
    throw new TypeError(`${what} was used as a middleware, and it makes one: write ${what}()`);
  if ('extensions' in options && 'grants' in options)
    throw new TypeError(`${what} was given the server in place of its options: write server.extend(${what}())`);
  throw new TypeError(
    `${what} has no option ${unknown}. Did you mean ${nearest(unknown, names)}? Its options are ${names.join(', ')}`,
  );
}

/**
 * Finds misspelt names in an object to which every specification may add members, such as the endpoints. An unknown name may be a member of an
 * extension; but a name that is nearly a known one is a mistake, and would have no effect.
 *
 * @param there the known names
 * @param what what the object is, for the message
 * @throws TypeError
 */
export function requireNoNearMiss(members: object, there: readonly string[], what: string): void {
  for (const name of Object.keys(members)) {
    const meant = there.includes(name) ? undefined : there.find((each) => isNear(name, each));
    if (meant !== undefined) throw new TypeError(`${what} has no option ${name}. Did you mean ${meant}?`);
  }
}

/** For functions that have no options. @throws TypeError for an argument, such as `{ sessionKey }` where `server.authorization` takes it */
export function requireNoOptions(args: readonly unknown[], what: string): void {
  if (args.some((arg) => arg !== undefined)) throw new TypeError(`${what} takes no options`);
}

/** A hundred years in seconds. A longer time is a mistake, such as milliseconds, or an attempt to say `never`. */
export const CENTURY = 100 * 365 * 86_400;

/** The value as a message shows it. A string is in quotation marks, so that `'60'` is not mistaken for the number 60. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** @param sort what the option must be, for the message. @throws TypeError for a value that is not a number from `least` to `most` */
export function requireNumber(what: string, value: unknown, least: number, most: number, sort = 'a number'): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  const bounds = [least, most].map((each) => each.toLocaleString('en'));
  throw new TypeError(`${what} is ${sort}: ${bounds.join(' to ')}, not ${shown(value)}`);
}

/**
 * Checks an option in seconds. A string is refused: `now + '3600'` joins two texts, and gives a time in millions of years. NaN, which `Number()` makes of an
 * environment variable that is not set, is refused, too: every comparison with NaN is false, so that nothing would expire, or nothing would be kept.
 *
 * @param what the name of the option, for the message
 * @throws TypeError for a value that is not a number from `least` to `most`
 */
export function requireSeconds(what: string, seconds: unknown, least: number, most = CENTURY): void {
  requireNumber(what, seconds, least, most, 'a number of seconds');
}

/**
 * Checks an option that is a count.
 *
 * @param what the name of the option, for the message
 * @throws TypeError for a value that is not a whole number from `least` to `most`
 */
export function requireCount(what: string, count: unknown, least: number, most = Number.MAX_SAFE_INTEGER): void {
  const sort = 'a whole number';
  requireNumber(what, count, least, most, sort);
  if (!Number.isInteger(count)) throw new TypeError(`${what} is ${sort}, not ${count}`);
}
