/** Measures each store with few and with many live tokens, in turns, so that what else the machine does falls on all alike. */
import { median, medianCost } from './cost.js';
import { type Cost, type FamilyCost, type Filled, OPERATIONS, type OperationName, type StoreName } from './protocol.js';
import { openRemote, type RemoteStore } from './remote-store.js';

export interface Plan {
  readonly stores: readonly StoreName[];
  /** Numbers of live tokens, least first. */
  readonly live: readonly number[];
  /** Sizes of families. */
  readonly families: readonly number[];
  readonly rounds: number;
  /** In a round; each is 50 operations at once. */
  readonly batches: number;
  /** Milliseconds for each operation. */
  readonly warmUp: number;
}

export interface Growth {
  readonly operation: OperationName;
  /** By number of live tokens: of each the median of the rounds. */
  readonly costs: readonly Cost[];
  /** Most live tokens compared with least: in each round, and of that the median. */
  readonly factor: Cost;
}

export interface Measured {
  readonly store: StoreName;
  readonly filled: readonly Filled[];
  readonly growth: readonly Growth[];
  readonly families: readonly FamilyCost[];
}

/** How many live tokens there are besides the families. */
export const BESIDE = 10_000;

async function measureGrowth(
  remotes: readonly RemoteStore[],
  operation: OperationName,
  { rounds, batches, warmUp }: Plan,
): Promise<Growth> {
  for (const remote of remotes) await remote.ask({ warmUp: operation, milliseconds: warmUp });
  const costs = remotes.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...remotes.entries()];
    if (round % 2 === 1) order.reverse();
    for (const [i, remote] of order) costs[i]?.push(await remote.ask<Cost>({ operation, batches }));
  }
  const [first = [], last = []] = [costs.at(0), costs.at(-1)];
  const factor = (member: keyof Cost): number =>
    median(last.map((cost, round) => cost[member] / (first[round]?.[member] ?? Number.NaN)));
  return { operation, costs: costs.map(medianCost), factor: { cpu: factor('cpu'), wall: factor('wall') } };
}

async function measureStore(store: StoreName, plan: Plan): Promise<Measured> {
  const remotes: RemoteStore[] = [];
  try {
    for (const live of plan.live) {
      console.error(`${store}: ${live} live tokens`);
      const remote = await openRemote(store, live);
      if (!remote) return { store, filled: [], growth: [], families: [] };
      remotes.push(remote);
    }
    const growth: Growth[] = [];
    for (const operation of OPERATIONS) growth.push(await measureGrowth(remotes, operation, plan));
    const families: FamilyCost[] = [];
    const beside = remotes.find(({ live }) => live === BESIDE);
    for (const family of plan.families) {
      if (beside)
        families.push(await beside.ask({ family, batches: plan.batches * plan.rounds, milliseconds: plan.warmUp }));
    }
    return { store, filled: remotes, growth, families };
  } finally {
    for (const remote of remotes) await remote.end();
  }
}

export async function measureStores(plan: Plan): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const store of plan.stores) measured.push(await measureStore(store, plan));
  return measured;
}
