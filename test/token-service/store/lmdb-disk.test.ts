import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { authorization } from '../../../lib/testing/store-contract/subject.js';
import { lmdbStore } from '../../../lib/token-service/store/lmdb.js';
import { type SmallDisk, smallDisk } from '../../support/small-disk.js';

const MODULE = new URL('./workers/lmdb-full.ts', import.meta.url);

/** Ends with the exit code of a process that met the full disk, and then room. */
async function meetFullDisk(disk: SmallDisk, env: NodeJS.ProcessEnv): Promise<number | null> {
  const options = { env: { ...process.env, ...env, LMDB_PATH: join(disk.path, 'tokens') } };
  const worker = fork(MODULE, { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaints = '';
  worker.stderr?.on('data', (data) => {
    complaints += data;
  });
  const exit = once(worker, 'exit');
  const full = once(worker, 'message').then(() => {
    disk.makeRoom();
    worker.send('room');
  });
  await Promise.race([full, exit]);
  const [code] = await exit;
  if (code !== 0) console.error(complaints.slice(-2000));
  return code;
}

describe('lmdbStore on a full disk', () => {
  let disk: SmallDisk | undefined;
  beforeEach(function () {
    disk = smallDisk();
    if (!disk) this.skip();
  });
  afterEach(() => disk?.remove());

  it('is unavailable, with the reason, ends no process, and works again when there is room', async () => {
    assert.ok(disk);
    assert.equal(await meetFullDisk(disk, { OPEN_FIRST: 'yes' }), 0);
  });

  it('opens when there is room, where there was none for its files', async () => {
    assert.ok(disk);
    disk.fill();
    assert.equal(await meetFullDisk(disk, {}), 0);
  });

  it('reads what is there, though it is opened when there is no room', async () => {
    assert.ok(disk);
    const now = Math.floor(Date.now() / 1000);
    const path = join(disk.path, 'tokens');
    const record = authorization(now).record();
    const before = lmdbStore({ path });
    await before.put([record], now);
    await before.close();
    disk.fill();
    const after = lmdbStore({ path });
    assert.deepEqual(await after.get(record.id, now), record);
    await after.close();
  });
});
