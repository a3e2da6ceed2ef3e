import type { Figures } from './drive.js';
import type { MeasuredAll } from './measured.js';

export const comparisonHead: readonly string[] = [
  ...['store', 'operation', 'at a time', '', 'per second', 'CPU, µs', 'CPU of the database, µs', 'p99, ms'],
];

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function cells({ perSecond, cpu, database, p99 }: Figures): string[] {
  return [...[perSecond, cpu, database].map(whole), p99.toFixed(1)];
}

/** koauthorize beside what was written by hand, as the cells of a table. */
export function comparisonRows({ stores }: MeasuredAll): string[][] {
  return stores.flatMap(({ store, operations }) =>
    operations.flatMap(({ operation, concurrent, koauthorize, 'by hand': byHand }) => [
      [store, operation, `${concurrent}`, '**koauthorize**', ...cells(koauthorize)],
      [store, operation, `${concurrent}`, 'by hand', ...cells(byHand)],
    ]),
  );
}
