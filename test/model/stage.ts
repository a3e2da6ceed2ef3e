/** Between a service and its store: who goes next is chosen from outside, processes die, and operations fail. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenStore } from 'koauthorize/tokens';
import { watched } from '../support/token-store.js';
import { ALL, type Fault, type Picks } from './commands.js';

/** What is noted of a request while it runs, whatever else runs. */
export interface Note {
  readonly events: string[];
  /** An operation of it was broken on purpose. */
  broken: boolean;
}

export const current = new AsyncLocalStorage<Note>();

interface Process {
  dead: boolean;
}

const BROKEN = new Error('broken on purpose');
/** Turns without anything happening after which something is stuck: far more than any database needs. */
const PATIENCE = 2_000_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function stage() {
  let waiting: (() => void)[] = [];
  let underWay = 0;
  let asked = 0;
  let fault: Fault | undefined;
  let process: Process = { dead: false };

  const chosen = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

  /** @returns whether this is the operation that breaks */
  function meetFault(own: Process): Fault | undefined {
    if (own.dead || !fault || asked++ !== fault.at) return undefined;
    if (fault.how === 'crash') own.dead = true;
    return fault;
  }

  function breakOff(): never {
    const note = current.getStore();
    if (note) note.broken = true;
    throw BROKEN;
  }

  async function operate(own: Process, call: () => Promise<unknown>): Promise<unknown> {
    if (own.dead) breakOff();
    await chosen();
    if (own.dead && !fault?.lands) breakOff();
    const broken = meetFault(own);
    if (broken && !broken.effect) breakOff();
    underWay++;
    const result = await call().finally(() => underWay--);
    if (broken) breakOff();
    await chosen(); // an answer takes its time, too
    if (own.dead) breakOff();
    return result;
  }

  return {
    /** The store as a new process sees it. */
    begin(store: TokenStore): TokenStore {
      const own: Process = { dead: false };
      process = own;
      return watched((_method, _args, call) => operate(own, call), store);
    },
    isDead: (): boolean => process.dead,
    /** Runs requests to their ends. All that is not the store takes no time, so that with these picks it goes like this again. */
    async play<T>(requests: readonly (() => Promise<T>)[], picks: Picks, breaks: Fault | undefined): Promise<T[]> {
      [fault, asked, waiting] = [breaks, 0, []];
      let left = requests.length;
      const running = requests.map((request) => request().finally(() => left--));
      const all = Promise.all(running);
      all.catch(() => {}); // it is awaited below
      for (let turns = 0, pick = 0; left > 0; turns++) {
        await turn();
        if (turns > PATIENCE) throw new Error('A request waits for ever');
        if (underWay > 0 || waiting.length === 0) continue;
        const place = picks[pick++] ?? 0;
        const next = place >= ALL ? waiting.splice(0) : waiting.splice(place % waiting.length, 1);
        for (const go of next) go();
      }
      return await all;
    },
  };
}
