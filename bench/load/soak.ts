/** The machine's limit for some minutes, and what each of them was like. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd, Tally } from './crowd.js';
import { type StartOptions, startServer } from './process.js';
import type { State, StoreName } from './protocol.js';

/** As many as keep a core busy, and not so many that they wait for one another. */
export const USERS = 32;
const MINUTE = 60_000;

/** What there was at the end of a minute, and what was done in it. */
export interface Minute extends State {
  /** How long it was: a minute, and what it took to look. */
  readonly seconds: number;
  readonly operations: number;
  readonly errors: number;
  /** Of one core, 0 to 1: of the server, and of this process. */
  readonly busy: { readonly server: number; readonly load: number };
}

export interface Soak {
  readonly store: StoreName;
  /** Before anyone came. */
  readonly before: State;
  readonly minutes: readonly Minute[];
  readonly byKind: ReadonlyMap<string, number>;
  readonly errors: number;
}

const cpuHere = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Looks at what has changed since it looked before. */
class Clock {
  #then = performance.now();
  #cpu = cpuHere();
  #operations = 0;
  #errors = 0;
  #state: State;
  readonly #tally: Tally;

  constructor(tally: Tally, state: State) {
    this.#tally = tally;
    this.#state = state;
  }

  look(state: State): Minute {
    const { operations, errors } = this.#tally;
    const elapsed = (performance.now() - this.#then) * 1000;
    const minute = {
      ...state,
      seconds: elapsed / 1e6,
      requests: state.requests - this.#state.requests,
      operations: operations - this.#operations,
      errors: errors - this.#errors,
      busy: { server: (state.cpu - this.#state.cpu) / elapsed, load: (cpuHere() - this.#cpu) / elapsed },
    };
    [this.#then, this.#cpu, this.#operations, this.#errors] = [performance.now(), cpuHere(), operations, errors];
    this.#state = state;
    return minute;
  }
}

/** @param minutes how long @param told of each minute at its end */
export async function soak(
  options: Omit<StartOptions, 'onProblem'>,
  minutes: number,
  told: (minute: Minute) => void,
): Promise<Soak> {
  const tally = new Tally();
  const server = await startServer({ ...options, onProblem: (problem) => tally.problem(`server: ${problem}`) });
  const before = await server.ask();
  const clock = new Clock(tally, before);
  const crowd = new Crowd(server.origin, USERS, tally);
  const seen: Minute[] = [];
  try {
    while (seen.length < minutes && !tally.isHopeless) {
      await sleep(MINUTE);
      const minute = clock.look(await server.ask());
      seen.push(minute);
      told(minute);
    }
  } catch (error) {
    tally.problem(String(error)); // the server has ended
  }
  await crowd.end();
  await server.stop();
  return { store: options.store, before, minutes: seen, byKind: tally.byKind, errors: tally.errors };
}
