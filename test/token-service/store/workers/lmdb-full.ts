/** Writes until the disk is full, again when it is told that there is room, and then ends by itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorization } from '../../../../lib/testing/store-contract/subject.js';
import { lmdbStore } from '../../../../lib/token-service/store/lmdb.js';
import { StoreUnavailableError } from '../../../../lib/token-service/store.js';

const now = Math.floor(Date.now() / 1000);
const store = lmdbStore({ path: process.env['LMDB_PATH'] ?? '' });
const token = authorization(now).record();
const stored = [token];
const refused: unknown[] = [];

async function write(): Promise<void> {
  const record = authorization(now).record({ data: 'x'.repeat(2000) });
  try {
    await store.put([record], now);
    stored.push(record);
  } catch (error) {
    refused.push(error);
  }
}

if (process.env['OPEN_FIRST']) await store.put([token], now);
while (refused.length < 20) await Promise.all(Array.from({ length: 4 }, write));
for (const error of refused) {
  assert.ok(error instanceof StoreUnavailableError && error.cause instanceof Error);
  assert.match(error.cause.message, /No space left on device|Input\/output error/);
}
process.send?.('full');
await once(process, 'message');
if (process.env['OPEN_FIRST']) {
  for (const { id } of stored) assert.ok(await store.get(id, now), 'what was acknowledged is there');
  assert.equal((await store.consume(token.id, { now }))?.first, true);
}
refused.length = 0;
await Promise.all(Array.from({ length: 20 }, write));
assert.deepEqual(refused, []);
await sleep(0);
await store.close();
process.disconnect();
