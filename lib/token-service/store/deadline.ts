import { StoreUnavailableError } from '../store.js';

/**
 * Waits for an answer, but not for ever.
 *
 * @param seconds how long
 * @throws {StoreUnavailableError} when it takes longer
 */
export async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = (): void => reject(new StoreUnavailableError(`The store did not answer within ${seconds} s`));
    timer = setTimeout(give, seconds * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
