/** The tables of docs/scaling.md that are made from measurements, as cells. */
import { ACTIONS, type StoreCosts } from './inputs.js';
import { BASE, plan } from './plan.js';

/** How often the base load: that of one small machine, ten and a thousand times as much. */
const TIMES = [1, 10, 1000];

const CHECKINGS = ['opaque', 'JWT'] as const;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const costHead: readonly string[] = [
  ...['store', '', 'process: protocol, µs', 'process: statements, µs', 'database, µs'],
  ...['waits', 'bytes', 'a core of processes, per second', 'a core of the database, per second'],
];

export function costRows(stores: readonly StoreCosts[]): string[][] {
  return stores.flatMap(({ store, costs }) =>
    ACTIONS.map((action) => {
      const { protocol, client, database, waits, bytes } = costs[action];
      const [process, statements] = [1e6 / (protocol + client), 1e6 / database];
      return [store, action, ...[protocol, client, database, waits, bytes, process, statements].map(whole)];
    }),
  );
}

export const simulationHead: readonly string[] = [
  ...['store', 'tokens at the API', 'times', 'logins, refreshes, API calls per second'],
  ...['processes', 'databases', 'processes busy', 'databases busy', 'p50, ms', 'p99, ms'],
];

export function simulationRows(stores: readonly StoreCosts[], times: readonly number[] = TIMES): string[][] {
  return stores.flatMap((store) =>
    CHECKINGS.flatMap((checking) =>
      times.map((each) => {
        const { processes, databases, outcome } = plan(store, checking, each);
        const load = ACTIONS.map((action) => whole(BASE[action] * each)).join(', ');
        return [
          ...[store.store, checking, whole(each), load, whole(processes), whole(databases)],
          ...[percent(outcome.process), percent(outcome.database)],
          ...[outcome.p50.toFixed(1), outcome.p99.toFixed(1)],
        ];
      }),
    ),
  );
}
