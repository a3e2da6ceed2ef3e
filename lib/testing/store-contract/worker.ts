import type { TokenStore } from '../../token-service/store.js';
import type { Awaitable } from '../../types.js';

/** Calls of a store's methods that a worker makes at the same moment. */
export type Calls = readonly (
  | readonly ['put', ...Parameters<TokenStore['put']>]
  | readonly ['get', ...Parameters<TokenStore['get']>]
  | readonly ['consume', ...Parameters<TokenStore['consume']>]
  | readonly ['revoke', ...Parameters<TokenStore['revoke']>]
)[];

function call(store: TokenStore, each: Calls[number]): Promise<unknown> {
  switch (each[0]) {
    case 'put':
      return store.put(each[1], each[2]);
    case 'get':
      return store.get(each[1], each[2]);
    case 'consume':
      return store.consume(each[1], each[2]);
    case 'revoke':
      return store.revoke(each[1], each[2], each[3]);
  }
}

/**
 * Call it in the module of a process that `storeContract({ processes })` starts. It executes the calls that the contract sends.
 *
 * @param open opens the store, on the records that all processes share
 * @param close closes resources that the store does not close itself, such as a pool
 * @example
 * // worker.ts
 * const pool = new Pool();
 * storeWorker(() => postgresStore({ pool }), () => pool.end());
 */
export function storeWorker(open: () => Awaitable<TokenStore>, close?: () => Awaitable<void>): void {
  const opening = Promise.resolve(open());
  process.on('message', async (calls: Calls) => {
    const store = await opening;
    if (calls.length > 0) {
      process.send?.(await Promise.all(calls.map((each) => call(store, each))));
      return;
    }
    await store.close();
    await close?.();
    process.disconnect(); // after this, nothing may keep the process alive, since the store is closed
  });
}
