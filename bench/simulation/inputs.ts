/** What a login, a refresh and an API call cost: from what was measured and counted, and from nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationName } from '../stores/contestant.js';
import { type MeasuredStore, readMeasured } from '../stores/measured.js';

export const ACTIONS = ['login', 'refresh', 'API call'] as const;
export type Action = (typeof ACTIONS)[number];

export interface ActionCost {
  /** Microseconds of a process for HTTP and the protocol, over a store in memory: bench/RESULTS.md. */
  readonly protocol: number;
  /** Microseconds of a process for the statements, and of the database: bench/measured.json. */
  readonly client: number;
  readonly database: number;
  /** Statements, one after the other: test/token-service/round-trips/counted.json. */
  readonly waits: number;
  readonly bytes: number;
}

/** The workload of bench/RESULTS.md; the operations of the token service that were measured; and the counted operations. */
const MADE_FROM: Readonly<Record<Action, readonly [string, readonly OperationName[], readonly string[]]>> = {
  login: [
    'authorize + decision + exchange',
    ['client credentials', 'refresh'], // one write, and then one read and one write: the same statements
    ['dialog and decision: a code is issued', 'code exchanged for tokens'],
  ],
  refresh: ['refresh', ['refresh'], ['refresh']],
  'API call': ['bearer', ['verify'], ['API call: verify']],
};

/** Microseconds, the median, in the long table of RESULTS.md. @throws Error where it is not there */
function protocolCost(results: string, workload: string, from = 'detail'): number {
  const detail = results.slice(results.indexOf(`<!-- section:${from} -->`));
  const section = detail.slice(detail.indexOf(`### ${workload}\n`));
  const cost = Number(/^\| \*\*koauthorize\*\* \| ([\d.]+) /m.exec(section)?.[1]);
  if (!Number.isFinite(cost)) throw new Error(`bench/RESULTS.md does not say what ${workload} costs`);
  return cost;
}

/** At 16 operations at a time: more only wait. */
const CONCURRENT = 16;

function figuresOf({ operations }: MeasuredStore, operation: OperationName) {
  const found = operations.find((each) => each.operation === operation && each.concurrent === CONCURRENT);
  if (!found) throw new Error(`bench/measured.json does not say what ${operation} costs`);
  return found.koauthorize;
}

type Counted = Readonly<Record<string, Readonly<Record<string, { readonly waits?: number }>>>>;

export interface StoreCosts {
  readonly store: string;
  readonly costs: Readonly<Record<Action, ActionCost>>;
  /** Microseconds of a process by which an access token as a JWT (ES256) is dearer: bench/RESULTS.md. */
  readonly signing: number;
}

/** @param root of the repository */
export function readCosts(root: string): readonly StoreCosts[] {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const results = read('bench/RESULTS.md');
  const counted = JSON.parse(read('test/token-service/round-trips/counted.json')) as Counted;
  const sum = (values: readonly number[]): number => values.reduce((before, value) => before + value, 0);
  const jwt = protocolCost(results, 'client credentials, JWT (ES256)', 'bound-detail');
  const signing = jwt - protocolCost(results, 'client credentials');
  return readMeasured(join(root, 'bench')).stores.map((measured) => {
    const costOf = (action: Action): ActionCost => {
      const [workload, operations, names] = MADE_FROM[action];
      const figures = operations.map((operation) => figuresOf(measured, operation));
      return {
        protocol: protocolCost(results, workload),
        client: sum(figures.map(({ cpu }) => cpu)),
        database: sum(figures.map(({ database }) => database)),
        waits: sum(names.map((name) => counted[name]?.[measured.store]?.waits ?? Number.NaN)),
        bytes: sum(operations.map((operation) => measured.bytes[operation])),
      };
    };
    const costs = { login: costOf('login'), refresh: costOf('refresh'), 'API call': costOf('API call') };
    return { store: measured.store, costs, signing };
  });
}

/** When and where the figures of bench/measured.json were made. */
export function conditionsIn(root: string): string {
  return readMeasured(join(root, 'bench')).conditions;
}
