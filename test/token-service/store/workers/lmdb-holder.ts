/** Holds the write lock from the moment when it says so until a file is there. */
import { existsSync, writeSync } from 'node:fs';
import { openTables } from '../../../../lib/token-service/store/lmdb-environment.js';

const { root } = await openTables(process.env['LMDB_PATH'] ?? '');
const release = process.env['RELEASE'] ?? '';
const cell = new Int32Array(new SharedArrayBuffer(4));
root.transactionSync(() => {
  writeSync(1, 'held');
  while (!existsSync(release)) Atomics.wait(cell, 0, 0, 5);
});
process.exit(0);
