/** Distinguishes the forms of a call that oauth2orize allows, by the types of the arguments. */
import type { Core, Extension, Plug } from '../core.js';
import { type OptionNames, requireKnown } from '../options.js';
import { requireMembers } from './members.js';

type Callback = (...args: never[]) => unknown;

/** Whether `immediate` is given the transaction: if it has one parameter. Only the parameters of `immediate` and `validate` are counted. */
export function takesOne(immediate: Callback): boolean {
  return immediate.length === 1;
}

/** Whether `validate` is given the whole request: if it has one parameter or none, as in oauth2orize-koa. */
export function takesRequest(validate: Callback): boolean {
  return validate.length <= 1;
}

/** The property of a function that a grant is made with. */
const STANDARD = Symbol('koauthorize:standard');

/** Marks a function that a grant is made with, to distinguish it from one by which the application has replaced it. */
export function standard<F extends Callback>(fn: F): F {
  return Object.assign(fn, { [STANDARD]: true });
}

/** Whether there is a function, and it was written by the application. */
export function isByHand<F extends Callback>(fn: F | undefined): fn is F {
  return fn !== undefined && !(STANDARD in fn);
}

/** Whether a value issues codes or tokens: a callback, or an object with a function `issue` (the checked form). */
function canIssue(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'issue' in value);
}

/**
 * `(issue, more?)`, or `(options, issue, more?)`.
 *
 * @param name for the message
 * @param known the names of the options
 * @throws TypeError if no argument can issue, and for options that are not known
 */
export function splitIssueArguments<O extends object, T, M = never>(
  name: string,
  known: OptionNames<NoInfer<O>>,
  first: O | T,
  second?: T | M,
  third?: M,
): readonly [options: O | undefined, issue: T, more: M | undefined] {
  const [options, issue, more] = canIssue(first) ? [undefined, first, second] : [first as O, second, third];
  if (!canIssue(issue)) throw new TypeError(`${name} requires an issue callback`);
  requireKnown<O>(options ?? undefined, known, name);
  return [options, issue as T, more as M | undefined];
}

/** `(...callbacks)`, or `(options, ...callbacks)`. @param known the names of the options. @throws TypeError for unknown options */
export function splitOptions<O extends object>(
  name: string,
  known: OptionNames<NoInfer<O>>,
  args: readonly unknown[],
): readonly [options: Partial<O>, ...callbacks: unknown[]] {
  const [first, ...rest] = args;
  if (typeof first === 'function') return [{}, ...args];
  const options = (first ?? undefined) as O | undefined;
  requireKnown<O>(options, known, name);
  return [{ ...options }, ...rest];
}

/** @throws TypeError for what plain JavaScript may give instead, such as a Map, or an array, whose own `find` is another one */
export function requireMember(where: string, what: string, given: unknown, name: string): void {
  if (given === undefined || (typeof Object(given)[name] === 'function' && !Array.isArray(given))) return;
  throw new TypeError(`${where} needs ${what}, and not ${Object.prototype.toString.call(given)}`);
}

/** @throws TypeError if the callback is not a function */
export function requireCallback(where: string, what: string, callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError(`${where} requires ${what}`);
}

/** Whether a plug is a function that makes an extension. A function with `metadata` is an extension itself: the middleware of client authentication. */
export function isFactory<C, U>(plug: Plug<C, U>): plug is (core: Core<C, U>) => Extension<C, U> {
  return typeof plug === 'function' && !('metadata' in plug);
}

/** @throws TypeError for anything else that plain JavaScript code may give by mistake, such as a middleware, or a promise of an extension */
export function requireExtension<C, U>(extension: Extension<C, U>): void {
  const isNamed = typeof extension?.name === 'string' && extension.name !== '';
  if (!isNamed || isFactory(extension))
    throw new TypeError('server.extend needs an extension, which has a name, or a function that gives one');
  requireMembers(extension);
}

/** @throws Error if the map has that name already */
export function refuseSecond(map: ReadonlyMap<string, unknown>, key: string, what: string): void {
  if (map.has(key)) throw new Error(`${what} ${key} is registered already`);
}
