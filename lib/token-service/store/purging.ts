import createDebug from 'debug';
import type { OptionNames } from '../../options.js';

const debug = createDebug('koauthorize:store');

/** Options of the stores that remove expired records in the background. */
export interface PurgeOptions {
  /** Mean seconds between two purges; the actual time varies, so that processes that share a store do not all purge at once. Default 60. */
  readonly purgeInterval?: number | undefined;
  /**
   * Seconds that a record is kept after it has expired. A record is removed for all processes, so this is by how much the clock of the purge may be
   * fast without harm.
   */
  readonly purgeDelay?: number | undefined;
}

/** The names of these options. */
export const PURGE_OPTIONS: OptionNames<PurgeOptions> = { purgeInterval: true, purgeDelay: true };

/** Records that one batch removes at most, so that other calls do not wait long for its locks. */
export const BATCH = 500;

/**
 * Starts purging in the background. The timer does not keep the process alive. After a failure, the next purge is at the usual time.
 *
 * @param batch removes at most `BATCH` expired records and returns their number
 * @returns a function that ends it, and waits for a batch that is running
 */
export function purging(batch: () => Promise<number>, { purgeInterval = 60 }: PurgeOptions): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let ended = false;
  const purge = async (): Promise<void> => {
    try {
      while (!ended && (await batch()) >= BATCH);
    } catch (error) {
      debug('a purge failed: %o', error);
    }
    wait();
  };
  const wait = (): void => {
    if (ended) return;
    const seconds = purgeInterval * (0.5 + Math.random());
    timer = setTimeout(() => {
      running = purge();
    }, seconds * 1000).unref();
  };
  wait();
  return async () => {
    ended = true;
    clearTimeout(timer);
    await running;
  };
}
