import { StoreUnavailableError } from '../store.js';

/** Seconds by the monotonic clock of this process, which neither the operator nor NTP can set. */
export function here(): number {
  return performance.now() / 1000;
}

/**
 * Waits for an answer for a limited time.
 *
 * @throws {StoreUnavailableError} if it takes longer
 */
export function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(new StoreUnavailableError(`The store did not answer within ${seconds} s`));
    const timer = setTimeout(give, seconds * 1000);
    const inTime =
      <V>(finish: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        finish(value);
      };
    answer.then(inTime(resolve), inTime(reject));
  });
}

/** @param within seconds that the caller still waits. @throws {StoreUnavailableError} if that is none */
export function requireInTime(within: number | undefined): void {
  if (within !== undefined && !(within > 0)) throw tooLate();
}

/** The error of a call whose deadline has passed: its caller has given up, so it must have no effect. */
export function tooLate(): StoreUnavailableError {
  return new StoreUnavailableError('The deadline of the call passed before the store could run it');
}
