/** The servers of the stores that have one: started for the measurement, and ended after it. */
import { freePort } from '../../test/support/free-port.js';
import { startPostgres } from '../../test/support/postgres.js';
import { startRedis } from '../../test/support/redis.js';
import type { StoreName } from './protocol.js';

export interface Database {
  /** What the process that measures is told. */
  readonly address: string;
  remove(): Promise<void>;
}

/** Undefined where there is none on this machine. */
export async function startDatabase(store: StoreName): Promise<Database | undefined> {
  if (store === 'postgres') {
    const postgres = await startPostgres([]);
    return postgres && { address: JSON.stringify(postgres.config), remove: () => postgres.remove() };
  }
  if (store === 'redis') {
    const redis = await startRedis(await freePort()); // never one that was already there: it is emptied
    return redis && { address: redis.urls[0] ?? '', remove: () => redis.remove() };
  }
  return { address: '', remove: async () => {} };
}
