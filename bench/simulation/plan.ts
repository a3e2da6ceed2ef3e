/** How many processes and databases a load needs, and how long its requests then take. */
import { ACTIONS, type Action, type ActionCost, type StoreCosts } from './inputs.js';
import { type Kind, type Outcome, simulate } from './queue.js';

/** In a second. Of 100 requests two are logins and eight are refreshes: each access token is used some ten times. */
export const BASE: Readonly<Record<Action, number>> = { login: 20, refresh: 80, 'API call': 900 };

/** How APIs learn that a token counts: they ask the store, or verify a JWT themselves, which asks nobody. */
export type Checking = 'opaque' | 'JWT';

export interface Scenario {
  readonly store: string;
  readonly checking: Checking;
  /** How many times the base load. */
  readonly times: number;
}

export interface Planned extends Scenario {
  readonly processes: number;
  readonly databases: number;
  readonly outcome: Outcome;
}

/** Cores of one PostgreSQL. Redis runs commands on one. */
const CORES: Readonly<Record<string, number>> = { PostgreSQL: 2, Redis: 1 };

/** The share of a core that is planned for: what is above it is for bursts, and for a machine that is away. */
const PLANNED = 0.5;

/** Seconds to the database or back, in one data centre. */
const TRAVEL = 0.00025;

/** Seconds that are simulated. */
const SECONDS = 20;

/** Arrivals that are simulated at most: larger loads are simulated for a shorter time. */
const MOST = 5000;

function kindOf(name: Action, { protocol, client, database, waits }: ActionCost, rate: number): Kind {
  const own = (protocol + client) / (waits + 1) / 1e6;
  const process = { at: 'process', work: own, travel: TRAVEL } as const;
  const statement = { at: 'database', work: database / waits / 1e6, travel: TRAVEL } as const;
  const trips = Array.from({ length: waits }, () => [statement, process]).flat();
  return { name, rate, stages: [process, ...trips] };
}

/** Where tokens are JWTs, each login and each refresh signs one. */
function signed(costs: StoreCosts['costs'], signing: number): StoreCosts['costs'] {
  const withSigning = (cost: ActionCost): ActionCost => ({ ...cost, protocol: cost.protocol + signing });
  return { ...costs, login: withSigning(costs.login), refresh: withSigning(costs.refresh) };
}

/** Each database has a part of the authorizations, with processes of its own, and all parts are alike: one is simulated. */
export function plan({ store, costs: all, signing }: StoreCosts, checking: Checking, times: number): Planned {
  const costs = checking === 'opaque' ? all : signed(all, signing);
  const asked = ACTIONS.filter((action) => checking === 'opaque' || action !== 'API call');
  const total = (of: (cost: ActionCost) => number): number =>
    asked.reduce((sum, action) => sum + (BASE[action] * times * of(costs[action])) / 1e6, 0);
  const cores = CORES[store] ?? 1;
  const databases = Math.max(1, Math.ceil(total(({ database }) => database) / (cores * PLANNED)));
  const each = Math.max(2, Math.ceil(total(({ protocol, client }) => protocol + client) / PLANNED / databases)); // two: one may be away
  const kinds = asked.map((action) => kindOf(action, costs[action], (BASE[action] * times) / databases));
  const rate = kinds.reduce((sum, kind) => sum + kind.rate, 0);
  const outcome = simulate(kinds, { processes: each, cores }, Math.min(SECONDS, MOST / rate));
  return { store, checking, times, processes: each * databases, databases, outcome };
}
