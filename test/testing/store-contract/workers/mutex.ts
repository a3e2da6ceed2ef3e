/** A worker whose store decides in its process whether an ID is taken: it looks, and then writes. */
import { storeWorker } from 'koauthorize/testing';
import { lmdbStore } from 'koauthorize/tokens';
import { handleOf } from '../handle.js';

let last: Promise<unknown> = Promise.resolve();

/** One after the other in this process, and only there. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

storeWorker(() => {
  const sound = lmdbStore({ path: process.env['LMDB_PATH'] ?? '' });
  return {
    ...handleOf(sound),
    put: (records, now, within) =>
      inTurn(async () => {
        const found = await Promise.all(records.map(({ id }) => sound.get(id, now)));
        await sound.put(records, now, within);
        return !found.some(Boolean);
      }),
    close: () => sound.close(),
  };
});
