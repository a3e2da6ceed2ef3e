/** Between services and their store: who goes next is chosen from outside, processes die, and operations fail or come too late. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Consumption, StoreUnavailableError, type TokenStore } from 'koauthorize/tokens';
import { type Method, watched } from '../support/token-store.js';
import { ALL, type Fault, type Picks } from './commands.js';

/** What is noted of a request while it runs, whatever else runs. */
export interface Note {
  readonly events: string[];
  /** The operation of it that was broken on purpose: its name, or `spending` where it brings in tokens. */
  broke?: string;
  /** That operation was not done, and will not be. */
  isVoid?: boolean;
}

export const current = new AsyncLocalStorage<Note>();

interface Process {
  dead: boolean;
}

/** One call of a store, as a service makes it. */
interface Operation {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** The same when whoever made it has given up. */
  readonly tooLate?: () => Promise<unknown>;
}

/** A store as one process sees it. */
export interface Staged {
  readonly store: TokenStore;
  readonly isDead: () => boolean;
}

const BROKEN = new Error('broken on purpose');
/** Turns without anything happening after which something is stuck: far more than any database needs. */
const PATIENCE = 2_000_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function operationOf(store: TokenStore, method: Method, args: readonly unknown[], call: Operation['call']): Operation {
  if (method === 'consume') {
    const [id, consumption] = args as [string, Consumption];
    const late = Object.assign({}, consumption, consumption.within !== undefined && { within: 0 });
    return { name: consumption.next ? 'spending' : method, call, tooLate: () => store.consume(id, late) };
  }
  if (method !== 'put') return { name: method, call, ...(method === 'revoke' && { tooLate: call }) };
  const [records, now, within] = args as Parameters<TokenStore['put']>;
  return { name: method, call, tooLate: () => store.put(records, now, within && 0) };
}

export function stage() {
  let waiting: (() => void)[] = [];
  let held: (() => Promise<unknown>)[] = [];
  let underWay = 0;
  let asked = 0;
  let fault: Fault | undefined;

  const chosen = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

  /** @returns the fault, if this is an operation that breaks */
  function meetFault(own: Process): Fault | undefined {
    const after = fault && !own.dead ? asked++ - fault.at : -1;
    if (!fault || after < 0 || after >= (fault.how === 'crash' ? 1 : fault.count)) return undefined;
    if (fault.how === 'crash') own.dead = true;
    return fault;
  }

  function breakOff(name: string, isVoid?: boolean): never {
    const note = current.getStore();
    if (note) Object.assign(note, { broke: name }, isVoid && { isVoid });
    throw fault?.how === 'late' ? new StoreUnavailableError('too late on purpose') : BROKEN;
  }

  async function operate(own: Process, { name, call, tooLate }: Operation): Promise<unknown> {
    if (own.dead) breakOff(name);
    await chosen();
    if (own.dead && !fault?.lands) breakOff(name);
    const broken = meetFault(own);
    if (broken && !broken.effect) {
      const isHeld = broken.how === 'late' && tooLate;
      if (isHeld) held.push(tooLate);
      breakOff(name, !(isHeld && name === 'revoke')); // a revocation has no deadline: it is done in the end
    }
    underWay++;
    const result = await call().finally(() => underWay--);
    if (broken) breakOff(name);
    await chosen(); // an answer takes its time, too
    if (own.dead) breakOff(name);
    return result;
  }

  /** One record after the other, so that others have their turn in between. */
  async function* records(own: Process, all: AsyncIterator<unknown>): AsyncIterable<unknown> {
    for (;;) {
      const each = await operate(own, { name: 'listByClient', call: () => all.next() });
      const { done, value } = each as IteratorResult<unknown>;
      if (done) return;
      yield value;
    }
  }

  /** Nobody waits for these any more, and they must do nothing. */
  async function sendHeld(): Promise<void> {
    for (const send of held) await send().catch(() => {});
    held = [];
  }

  return {
    /** The store as a new process sees it. */
    begin(store: TokenStore): Staged {
      const own: Process = { dead: false };
      const through = watched((method, args, call) => operate(own, operationOf(store, method, args, call)), store);
      const listByClient = (clientID: string, now: number) =>
        records(own, store.listByClient(clientID, now)[Symbol.asyncIterator]());
      return { store: { ...through, listByClient } as TokenStore, isDead: () => own.dead };
    },
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
      await sendHeld();
      return await all;
    },
  };
}
