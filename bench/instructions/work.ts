/**
 * Does every workload with one build, or with one server of bench/servers, block by block: `node work.js <what> <effort> <workload,...>`. Between
 * blocks it asks the system for its priority, which nothing else here does: callgrind, told to stop there, writes down what it has counted since
 * the last time.
 */
import { getPriority } from 'node:os';
import { Connection } from '../workloads/connection.js';
import { workloads } from '../workloads/index.js';
import type { Operation, Workload } from '../workloads/workload.js';
import { type EffortName, efforts, operationsOf } from './effort.js';
import { inProcess } from './in-process.js';
import { subjectOf } from './subject.js';

const [what = '', effortName = '', names = ''] = process.argv.slice(2);
const effort = efforts[effortName as EffortName];

const began = Date.now();
Date.now = () => began; // the clock stands still: under valgrind a first request takes seconds, and its token is no longer what it was

const { listener, dialog } = await subjectOf(what);

async function repeat(operation: Operation, times: number): Promise<void> {
  for (let done = 0; done < times; done++) await operation();
}

async function measure(workload: Workload): Promise<void> {
  const operation = await workload.prepare(new Connection(inProcess(listener)), dialog);
  await repeat(operation, effort.warmUp);
  getPriority();
  for (let block = 0; block < effort.blocks; block++) {
    await repeat(operation, operationsOf(workload, effort));
    getPriority();
  }
}

for (const workload of workloads) if (names.split(',').includes(workload.name)) await measure(workload);
