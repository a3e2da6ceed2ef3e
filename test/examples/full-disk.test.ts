/** The full example on LMDB when the disk is full. */
import assert from 'node:assert/strict';
import { StoreUnavailableError } from 'koauthorize/tokens';
import { lmdb } from '../../examples/full/storage/lmdb.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn } from '../support/full-agent.js';
import { type SmallDisk, smallDisk } from '../support/small-disk.js';

describe('the full example on a disk that is full', function () {
  this.timeout(30_000);
  let disk: SmallDisk | undefined;
  let full: RunningFull | undefined;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);

  before(async function () {
    disk = smallDisk();
    if (!disk) return this.skip();
    full = await startFull({ storage: await lmdb(disk.path) });
    process.on('unhandledRejection', note);
  });
  after(async () => {
    process.off('unhandledRejection', note);
    await full?.stop();
    await full?.storage.close();
    disk?.remove();
  });

  const logIn = async (): Promise<number> => {
    const agent = new Agent(full?.url ?? '');
    return (await agent.submit(formIn(await agent.open('/login'), '/login'), ALICE)).status;
  };

  it('answers 503, stays alive without a rejection that nobody handles, and works again when there is room', async () => {
    assert.ok(full && disk);
    const { documents, collections } = full.storage;
    assert.equal(await logIn(), 303);
    disk.fill();
    // what is free within the file goes first; one document that does not fit leaves room for a smaller one
    for (const size of [20_000, 2000, 200, 20]) {
      for (let i = 0, refused = 0; refused < 3; i += 1) {
        await documents.set(`${size} ${i}`, 'x'.repeat(size), 600).catch((error) => {
          assert.ok(error instanceof StoreUnavailableError, `${error}`);
          refused += 1;
        });
      }
    }
    assert.equal(await logIn(), 503);
    const writes = Array.from({ length: 50 }, (_, i) => collections.put('notes', `${i}`, 'x'.repeat(1000)));
    assert.ok((await Promise.allSettled(writes)).every(({ status }) => status === 'rejected'));
    assert.equal((await fetch(`${full.url}/health`)).status, 503);
    await new Promise((resolve) => setTimeout(resolve, 50)); // what nobody handles is told after the turn in which it was rejected
    assert.deepEqual(unhandled, []);
    disk.makeRoom();
    assert.equal(await logIn(), 303);
    assert.equal((await fetch(`${full.url}/health`)).status, 200);
  });
});
