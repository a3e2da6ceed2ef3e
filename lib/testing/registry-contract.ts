/** Tests of a registry of clients that registered themselves: the same for `registeredClients()` and for tables of applications. */
import type { ClientRegistry } from '../extension/client-registration/registered.js';
import { requireKnown } from '../options.js';
import type { Awaitable } from '../types.js';
import { type RegistryCheck, registryChecks } from './registry-contract/checks.js';
import type { TestFramework } from './store-contract.js';

/** Options of `registryContract()`. */
export interface RegistryContractOptions {
  /** Opens the registry. Every test opens one. What it was made with, such as a pool, is yours to close. */
  readonly open: () => Awaitable<ClientRegistry>;
  /** Opens a second registry of the same clients, as another process would. Leave it out for one that only one process can use. */
  readonly second?: (() => Awaitable<ClientRegistry>) | undefined;
}

/**
 * Defines tests of everything that `ClientRegistry` promises: a client is kept whole, and a change replaces all of it; of changes of one version one
 * succeeds, and none of another version, or of a client that is not there; what was removed does not come back; each process finds what another has
 * changed. The registry need not be empty. It needs room for about twenty clients, which are removed by the tests that pass.
 *
 * @throws TypeError for an option that there is not
 * @example
 * import { describe, it } from 'node:test';
 * import { registryContract } from 'koauthorize/testing';
 *
 * registryContract({ describe, it }, { open: () => registeredClients(store) });
 * @see ClientRegistry
 * @see storeContract
 */
export function registryContract({ describe, it }: TestFramework, options: RegistryContractOptions): void {
  requireKnown<RegistryContractOptions>(options, { open: true, second: true }, 'registryContract');
  const { open, second } = options;
  const examine = async (check: RegistryCheck): Promise<void> => {
    const registry = await open();
    await check.run({ registry, second: (await second?.()) ?? registry, now: Math.floor(Date.now() / 1000) });
  };
  describe('a registry of clients', () => {
    for (const check of registryChecks) it(check.name, () => examine(check));
  });
}
