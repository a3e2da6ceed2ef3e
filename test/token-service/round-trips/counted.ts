/** The round trips that were counted last, and are compared with those of today. The table of docs/scaling.md is made from them, and bench/simulation.ts reads them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../run.js';
import type { METERS, Sent } from './meters.js';

/** Of one operation: the calls of the store that it makes, and what these send to each database. */
export interface Counted extends Partial<Readonly<Record<keyof typeof METERS, Sent>>> {
  readonly calls: readonly string[];
}

export type AllCounted = Readonly<Record<string, Counted>>;

const FILE = join(root, 'test/token-service/round-trips/counted.json');

export function readCounted(): AllCounted {
  return JSON.parse(readFileSync(FILE, 'utf8')) as AllCounted;
}

export function writeCounted(counted: AllCounted): void {
  writeFileSync(FILE, `${JSON.stringify(counted, null, 2)}\n`);
}
