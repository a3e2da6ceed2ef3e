/** Another client of a database, while a server purges it: `node purge-neighbour.js <job in JSON>`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { another, sampleLogin } from './bulk.js';
import { Times } from './pauses.js';
import type { Neighbour, PurgeJob } from './purge-protocol.js';
import { openStore } from './stores.js';

/** Milliseconds between two reads, and reads for each write. */
const [PAUSE, READS] = [5, 4];

const { store, address }: PurgeJob = JSON.parse(process.argv[2] ?? '{}');
const opened = await openStore(store, address);
const sample = await sampleLogin();
const [read, write] = [new Times(), new Times()];
let ended = false;

const now = (): number => Date.now() / 1000;

async function work(): Promise<void> {
  let [code] = another(sample, 'neighbour');
  for (let i = 0; !ended; i++) {
    if (i % READS === 0) {
      [code] = another(sample, `neighbour ${i}`, now() + 600);
      await write.of(() => opened.store.put(code ? [code] : [], now()));
    }
    const found = await read.of(() => opened.store.get(code?.id ?? '', now()));
    if (!found) throw new Error('What was stored is gone');
    await sleep(PAUSE);
  }
  await opened.close();
}

process.on('message', (question) => {
  const seen: Neighbour = { read: read.look(), write: write.look() };
  process.send?.(seen);
  if (question === 'end') ended = true;
});
process.on('disconnect', () => {
  ended = true;
});
process.send?.('ready');
await work();
process.exit();
