import type { Awaitable } from './types.js';

/**
 * Whether a value has to be waited for. Only for speed: an `await` of a value that is there waits all the same, and what a callback or an extension gives
 * mostly is there.
 */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayBe && typeof (value as Partial<PromiseLike<T>>).then === 'function';
}

/** Goes on with a value: at once where it is there, and else when it comes. An object whose `then` returns nothing can be awaited, too: it is made a promise first. */
export function andThen<T, R>(value: Awaitable<T>, goOn: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? Promise.resolve(value).then(goOn) : goOn(value);
}
