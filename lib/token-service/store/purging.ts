import { setTimeout as sleep } from 'node:timers/promises';
import createDebug from 'debug';
import { type OptionNames, requireSeconds } from '../../options.js';

const debug = createDebug('koauthorize:store');

/** Options of the stores that remove expired records in the background. */
export interface PurgeOptions {
  /** Mean seconds between two purges: 0.01 to 864,000. The actual time varies, so that processes that share a store do not all purge at once. Default 60. */
  readonly purgeInterval?: number | undefined;
  /**
   * Seconds for which a record is kept after it has expired. The clock of a purging process may be fast by that much: it does not remove a record that is still
   * valid for other processes.
   */
  readonly purgeDelay?: number | undefined;
}

/** The names of these options. */
export const PURGE_OPTIONS: OptionNames<PurgeOptions> = { purgeInterval: true, purgeDelay: true };

/** Ten days in seconds. The actual interval is up to 1.5 times as long, and a timer takes at most 24 days. */
const MAX_INTERVAL = 864_000;

/**
 * NaN is refused because a purge with NaN would remove records too early: a used `jti` would be accepted again, and a revocation would be forgotten.
 *
 * @param what the name of the store, for the message
 * @throws TypeError for a time that is not a number within its bounds
 */
export function requirePurging({ purgeInterval = 60, purgeDelay = 0 }: PurgeOptions, what: string): void {
  requireSeconds(`${what}({ purgeInterval })`, purgeInterval, 0.01, MAX_INTERVAL);
  requireSeconds(`${what}({ purgeDelay })`, purgeDelay, 0);
}

/**
 * Starts purging in the background. The timer does not keep the process alive. After a failure, the next purge is at the usual time. After each
 * batch, it pauses for as long as the batch took, so that other work has the database for at least half of the time, however much has expired.
 *
 * @param purge removes what has expired, and yields after each batch
 * @returns a function that ends it, and waits for a batch that is running
 */
export function purging(purge: () => AsyncIterable<void>, { purgeInterval = 60 }: PurgeOptions): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const rest = (milliseconds: number): Promise<void> =>
    sleep(milliseconds, undefined, { ref: false, signal }).catch(() => {});
  const once = async (): Promise<void> => {
    let begun = performance.now();
    for await (const _ of purge()) {
      if (signal.aborted) return;
      await rest(performance.now() - begun);
      begun = performance.now();
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await rest(purgeInterval * (0.5 + Math.random()) * 1000);
      if (!signal.aborted) await once().catch((error: unknown) => debug('a purge failed: %o', error));
    }
  };
  const running = run();
  return async () => {
    ending.abort();
    await running;
  };
}
