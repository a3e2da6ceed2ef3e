import { StoreUnavailableError } from '../store.js';

/**
 * Waits for an answer, but not for ever.
 *
 * @param seconds how long
 * @throws {StoreUnavailableError} when it takes longer
 */
export function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(new StoreUnavailableError(`The store did not answer within ${seconds} s`));
    const timer = setTimeout(give, seconds * 1000);
    const inTime =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        settle(value);
      };
    answer.then(inTime(resolve), inTime(reject));
  });
}

/** @throws {StoreUnavailableError} where whoever asked has given up already */
export function requireInTime(within: number | undefined): void {
  if (within !== undefined && !(within > 0)) throw tooLate();
}

/** What a call is that comes when whoever made it has given up: it must not take effect. */
export function tooLate(): StoreUnavailableError {
  return new StoreUnavailableError('The store came to it too late: whoever asked has given up');
}
