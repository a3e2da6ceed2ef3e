/**
 * Does every workload with one build, block by block: `node work.js <checkout> <workload,...>`. Between blocks it asks the system for its priority, which
 * nothing else here does: callgrind, told to stop there, writes down what it has counted since the last time.
 */
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { application, type Build } from '../servers/application.js';
import { Connection } from '../workloads/connection.js';
import { usualDialog } from '../workloads/dialog.js';
import { workloads } from '../workloads/index.js';
import type { Operation, Workload } from '../workloads/workload.js';
import { BLOCKS, operationsOf, WARM_UP } from './effort.js';
import { inProcess } from './in-process.js';

const [checkout = '', names = ''] = process.argv.slice(2);

const load = (path: string) => import(pathToFileURL(join(checkout, 'dist', path)).href);

const build: Build = {
  main: await load('index.js'),
  clientAuth: await load('client-auth/index.js'),
  resourceServer: await load('resource-server/index.js'),
  tokenService: await load('token-service/index.js'),
};
const listener = application(build);

async function repeat(operation: Operation, times: number): Promise<void> {
  for (let done = 0; done < times; done++) await operation();
}

async function measure(workload: Workload): Promise<void> {
  const operation = await workload.prepare(new Connection(inProcess(listener)), usualDialog);
  await repeat(operation, WARM_UP);
  getPriority();
  for (let block = 0; block < BLOCKS; block++) {
    await repeat(operation, operationsOf(workload));
    getPriority();
  }
}

for (const workload of workloads) if (names.split(',').includes(workload.name)) await measure(workload);
