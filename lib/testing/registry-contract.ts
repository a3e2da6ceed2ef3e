/** Tests of a registry of clients that registered themselves. `registeredClients()` passes them, and so must a registry that an application writes. */
import type { ClientRegistry } from '../extension/client-registration/registered.js';
import { requireKnown } from '../options.js';
import type { Awaitable } from '../types.js';
import { type RegistryCheck, registryChecks } from './registry-contract/checks.js';
import type { TestFramework } from './store-contract.js';

/** Options of `registryContract()`. */
export interface RegistryContractOptions {
  /** Opens the registry. Every test calls it once. The tests close nothing: close a pool or a connection of the registry yourself. */
  readonly open: () => Awaitable<ClientRegistry>;
  /** Opens a second registry of the same clients, as another process would. Leave it out for a registry that only one process can use. */
  readonly second?: (() => Awaitable<ClientRegistry>) | undefined;
}

/**
 * Defines tests of everything that `ClientRegistry` promises: it keeps all members of a client, and a change replaces all of
 * them; of several changes of one version exactly one succeeds; a change of another version, or of a missing client, fails; a removed client does not come
 * back; each process finds the changes of the others. The registry need not be empty. It needs room for about twenty clients. Tests that pass remove them.
 *
 * @throws TypeError for an unknown option
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
