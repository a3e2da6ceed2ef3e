import type { Awaitable } from './types.js';

/**
 * Whether a value must be awaited. Only for speed: `await` delays the caller even if the value is not a promise, and most callbacks and extensions give
 * plain values.
 */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayBe && typeof (value as Partial<PromiseLike<T>>).then === 'function';
}

/** Calls `goOn` with a value: at once, or when its promise has resolved. A thenable whose `then` returns nothing is turned into a promise first. */
export function andThen<T, R>(value: Awaitable<T>, goOn: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? Promise.resolve(value).then(goOn) : goOn(value);
}

/**
 * A promise where a value is needed would count as true, and the refusal by a check that is async would be ignored. The promise's own error is caught:
 * a rejection that nobody handles would end the process.
 *
 * @throws TypeError if one of these values is a promise
 */
export function requireNoPromise(where: string, ...values: readonly unknown[]): void {
  const promise = values.find(isPromise);
  if (promise === undefined) return;
  Promise.resolve(promise).catch(() => undefined);
  throw new TypeError(`${where} gave a promise where a value is needed`);
}
