import createDebug from 'debug';

const debug = createDebug('koauthorize:store');

/** What the stores that purge in the background have in common. */
export interface PurgeOptions {
  /** Seconds between two purges, more or less: processes that share a store shall not all purge at once. 60 by default. */
  readonly purgeInterval?: number | undefined;
  /**
   * Seconds that a record stays after it has expired. What is removed is gone for all processes: this is by how much the clock that purging
   * goes by may be ahead.
   */
  readonly purgeDelay?: number | undefined;
}

/** How many records one batch removes at most, so that nobody waits long for its locks. */
export const BATCH = 500;

/**
 * Purges in the background from now on; its timer keeps no process alive. A purge that fails is tried again with the next.
 *
 * @param batch removes at most `BATCH` expired records and says how many
 * @returns what ends it, and waits for a batch under way
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
