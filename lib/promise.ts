import type { Awaitable } from './types.js';

/**
 * Whether a value has to be waited for. Only for speed: an `await` of a value that is there waits all the same, and what a callback or an extension gives
 * mostly is there.
 */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayBe && typeof (value as Partial<PromiseLike<T>>).then === 'function';
}
