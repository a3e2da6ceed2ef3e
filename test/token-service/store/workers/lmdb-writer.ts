/** Writes, and tells what was acknowledged, until it is killed. */
import { authorization } from '../../../../lib/testing/store-contract/subject.js';
import { lmdbStore } from '../../../../lib/token-service/store/lmdb.js';

const store = lmdbStore({ path: process.env['LMDB_PATH'] ?? '' });
const now = Math.floor(Date.now() / 1000);

async function write(): Promise<never> {
  for (;;) {
    const record = authorization(now).record();
    await store.put([record], now);
    process.send?.([[record.id, false]]);
    await store.consume(record.id, { now, seal: 'sealed' });
    process.send?.([[record.id, true]]);
  }
}

await Promise.all(Array.from({ length: 10 }, write));
