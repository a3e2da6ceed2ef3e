/** A worker whose store remembers what it has read. */
import { storeWorker } from 'koauthorize/testing';
import { lmdbStore } from 'koauthorize/tokens';
import { handleOf } from '../handle.js';
import { remembering } from '../reading-flaws.js';

storeWorker(() => {
  const sound = lmdbStore({ path: process.env['LMDB_PATH'] ?? '' });
  return { ...handleOf(sound), ...remembering(() => true, [])(handleOf(sound)), close: () => sound.close() };
});
