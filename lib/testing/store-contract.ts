/** Tests of a token store: the same for the stores of this package and for those of applications. */
import { requireKnown } from '../options.js';
import type { TokenStore } from '../token-service/store.js';
import type { Awaitable } from '../types.js';
import { consuming } from './store-contract/consuming.js';
import { deadlines } from './store-contract/deadlines.js';
import { dumped, expiring } from './store-contract/expiring.js';
import { keeping } from './store-contract/keeping.js';
import { listing } from './store-contract/listing.js';
import { processChecks, type StoreProcesses } from './store-contract/processes.js';
import { putting } from './store-contract/putting.js';
import { revoking } from './store-contract/revoking.js';
import { sharing } from './store-contract/sharing.js';
import type { Check } from './store-contract/subject.js';
import { tellingApart } from './store-contract/telling-apart.js';

export type { StoreProcesses } from './store-contract/processes.js';
export { storeWorker } from './store-contract/worker.js';

/** The functions that mocha, vitest and node:test have in common. */
export interface TestFramework {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** Options of `storeContract()`. */
export interface StoreContractOptions {
  /** Opens the store. Every test opens a store, and closes it. One test opens its store again after that, unless the store has `isVolatile`. */
  readonly open: () => Awaitable<TokenStore>;
  /** Opens a second store of the same records, as another process would. Leave it out for a store that only one process can use. */
  readonly second?: (() => Awaitable<TokenStore>) | undefined;
  /** Returns all stored keys and values, as text. Without it, the tests of stored content and of its removal are left out. */
  readonly dump?: (() => Promise<string>) | undefined;
  /** How to start another process that uses the store. Leave it out for a store that only one process can use. */
  readonly processes?: StoreProcesses | undefined;
}

/** Runs one check, and closes whatever was opened for it. */
async function examine(check: Check, { open, second, dump }: StoreContractOptions): Promise<void> {
  const opened: TokenStore[] = [];
  const opening = async (one: () => Awaitable<TokenStore>): Promise<TokenStore> => {
    const store = await one();
    opened.push(store);
    return store;
  };
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  const reopen = async (): Promise<TokenStore> => {
    await close();
    return opening(open);
  };
  try {
    const store = await opening(open);
    const other = second ? await opening(second) : store;
    await check.run({ store, second: other, reopen, dump, now: Math.floor(Date.now() / 1000) });
  } finally {
    await close();
  }
}

/**
 * Defines tests of everything that `TokenStore` promises. The store need not be empty, and is not emptied: about 5,000 records are added. If it
 * purges in the background, have it purge about every second, so that the tests can see it.
 *
 * @example
 * import { describe, it } from 'node:test';
 * import { storeContract } from 'koauthorize/testing';
 *
 * storeContract({ describe, it }, { open: () => myStore() });
 * @see TokenStore
 */
export function storeContract({ describe, it }: TestFramework, options: StoreContractOptions): void {
  const known = { open: true, second: true, dump: true, processes: true } as const;
  requireKnown<StoreContractOptions>(options, known, 'storeContract');
  const { dump, processes } = options;
  const ofProcesses = { module: true, execArgv: true, env: true } as const;
  requireKnown<StoreProcesses>(processes, ofProcesses, 'storeContract({ processes })');
  const define = (name: string, checks: readonly Check[]): void => {
    describe(name, () => {
      for (const check of checks) it(check.name, () => examine(check, options));
    });
  };
  define('keeping', keeping);
  define('putting', putting);
  define('telling apart', tellingApart);
  define('expiring', expiring);
  define('consuming', consuming);
  define('deadlines', deadlines);
  define('listing', listing);
  define('revoking', revoking);
  define('sharing', sharing);
  if (dump) define('what is stored', dumped);
  if (processes) define('processes', processChecks(processes));
}
