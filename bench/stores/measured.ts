/** The figures of the last measurement: bench/measured.json, which `simulation.ts` reads and the tables of docs/scaling.md are made from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationName } from './contestant.js';
import type { Figures } from './drive.js';

export interface MeasuredOperation {
  readonly operation: OperationName;
  readonly concurrent: number;
  readonly koauthorize: Figures;
  readonly 'by hand': Figures;
}

export interface MeasuredStore {
  readonly store: string;
  readonly operations: readonly MeasuredOperation[];
  /** Bytes that go to the database and back for one operation. */
  readonly bytes: Readonly<Record<OperationName, number>>;
}

export interface MeasuredAll {
  /** When, and on what machine. */
  readonly conditions: string;
  readonly stores: readonly MeasuredStore[];
}

/** @param bench the folder bench/ */
export function readMeasured(bench: string): MeasuredAll {
  return JSON.parse(readFileSync(join(bench, 'measured.json'), 'utf8')) as MeasuredAll;
}

export function writeMeasured(bench: string, measured: MeasuredAll): void {
  const rounded = (_name: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value);
  writeFileSync(join(bench, 'measured.json'), `${JSON.stringify(measured, rounded, 2)}\n`);
}
