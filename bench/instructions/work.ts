/**
 * Does every workload with one build, block by block: `node work.js <checkout> <effort> <workload,...>`. Between blocks it asks the system
 * for its priority, which nothing else here does: callgrind, told to stop there, writes down what it has counted since the last time.
 */
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { application, type Build } from '../servers/application.js';
import { Connection } from '../workloads/connection.js';
import { usualDialog } from '../workloads/dialog.js';
import { workloads } from '../workloads/index.js';
import type { Operation, Workload } from '../workloads/workload.js';
import { type EffortName, efforts, operationsOf } from './effort.js';
import { inProcess } from './in-process.js';

const [checkout = '', effortName = '', names = ''] = process.argv.slice(2);
const effort = efforts[effortName as EffortName];

const began = Date.now();
Date.now = () => began; // the clock stands still: under valgrind a first request takes seconds, and its token is no longer what it was

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
  await repeat(operation, effort.warmUp);
  getPriority();
  for (let block = 0; block < effort.blocks; block++) {
    await repeat(operation, operationsOf(workload, effort));
    getPriority();
  }
}

for (const workload of workloads) if (names.split(',').includes(workload.name)) await measure(workload);
