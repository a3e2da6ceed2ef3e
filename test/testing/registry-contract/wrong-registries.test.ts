/** What `registryContract()` finds: for each check a registry that does one thing wrong. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { ClientRegistry, RegisteredClient } from 'koauthorize';
import { registryContract } from 'koauthorize/testing';

/** A table that several processes share. It waits before each statement, as a connection does. */
class Table {
  readonly #rows = new Map<string, string>();

  async find(id: string): Promise<RegisteredClient | undefined> {
    await setImmediate();
    return this.read(id);
  }

  read(id: string): RegisteredClient | undefined {
    const text = this.#rows.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async write(client: RegisteredClient, where: (row: RegisteredClient | undefined) => boolean): Promise<boolean> {
    await setImmediate();
    if (!where(this.read(client.client_id))) return false;
    this.#rows.set(client.client_id, JSON.stringify(client));
    return true;
  }

  async drop(id: string): Promise<RegisteredClient | undefined> {
    await setImmediate();
    const row = this.read(id);
    this.#rows.delete(id);
    return row;
  }
}

/** What a registry does otherwise. */
type Flaw = (table: Table) => Partial<ClientRegistry>;

const soundOver = (table: Table): ClientRegistry => ({
  find: (id) => table.find(id),
  create: (client) => table.write(client, () => true),
  update: (client) => table.write(client, (row) => row?.registration_version === client.registration_version - 1),
  remove: (id) => table.drop(id),
});

/** The checks of the contract, by name. */
function checksOf(flaw: Flaw): ReadonlyMap<string, () => Promise<void>> {
  const table = new Table();
  const open = (): ClientRegistry => ({ ...soundOver(table), ...flaw(table) });
  const checks = new Map<string, () => Promise<void>>();
  const it = (name: string, body: () => Promise<void>): void => void checks.set(name, body);
  registryContract({ describe: (_, body) => body(), it }, { open, second: open });
  return checks;
}

const WHOLE = 'finds each client whole, and nothing where there is none';
const REPLACED = 'replaces a client whole: what the change leaves out is gone';
const REMOVED = 'gives a client as it was removed, or nothing; it does not come back by a change, and no other goes';
const REMOVED_AT_ONCE =
  'has removed a client for good that is changed at the same moment, and gives it as the last change left it';

const remembering: Flaw = (table) => {
  const found = new Map<string, RegisteredClient>();
  return {
    async find(id) {
      const client = found.get(id) ?? (await table.find(id));
      if (client) found.set(id, client);
      return client;
    },
  };
};

/** Registries that do one thing wrong, below the check that must find it. */
const WRONG: Readonly<Record<string, Readonly<Record<string, Flaw>>>> = {
  [WHOLE]: {
    'keeps the members that it knows': (table) => ({
      create: (client) => {
        const { client_id, client_id_issued_at, redirect_uris, registration_version } = client;
        return table.write({ client_id, client_id_issued_at, redirect_uris, registration_version }, () => true);
      },
    }),
    'makes a client of every ID': (table) => ({
      find: async (client_id) =>
        (await table.find(client_id)) ?? {
          client_id,
          client_id_issued_at: 0,
          redirect_uris: [],
          registration_version: 0,
        },
    }),
  },
  [REPLACED]: {
    'keeps what the change leaves out': (table) => ({
      async update(client) {
        const row = await table.find(client.client_id);
        const isNext = (one = row): boolean => one?.registration_version === client.registration_version - 1;
        return table.write({ ...row, ...client }, isNext);
      },
    }),
    'remembers what it found': remembering,
  },
  'replaces the version before only': {
    'compares no version': (table) => ({ update: (client) => table.write(client, (row) => row !== undefined) }),
    'takes every later version': (table) => ({
      update: (client) => table.write(client, (row) => (row?.registration_version ?? 99) < client.registration_version),
    }),
  },
  'makes no client by a change': {
    'makes one': (table) => ({
      update: (client) =>
        table.write(
          client,
          (row) => (row?.registration_version ?? client.registration_version - 1) === client.registration_version - 1,
        ),
    }),
  },
  'tells one of 20 who change one version at once that it did, and keeps what that one wrote': {
    'looks, and then writes': (table) => ({
      async update(client) {
        const row = await table.find(client.client_id);
        return row?.registration_version === client.registration_version - 1 && table.write(client, () => true);
      },
    }),
  },
  [REMOVED]: {
    'gives it with other members': (table) => ({
      async remove(id) {
        const row = await table.drop(id);
        return row && { ...row, registration_unused_until: 1 };
      },
    }),
    'removes nothing': () => ({ remove: async () => undefined }),
    'gives it each time': (table) => {
      const removed = new Map<string, RegisteredClient>();
      return {
        async remove(id) {
          const client = (await table.drop(id)) ?? removed.get(id);
          if (client) removed.set(id, client);
          return client;
        },
      };
    },
  },
  [REMOVED_AT_ONCE]: {
    'looks, and then writes': (table) => ({
      async update(client) {
        const row = await table.find(client.client_id);
        return row?.registration_version === client.registration_version - 1 && table.write(client, () => true);
      },
    }),
    'looks what it removes, and then removes it': (table) => ({
      async remove(id) {
        const row = await table.find(id);
        await setImmediate();
        await table.drop(id);
        return row;
      },
    }),
  },
};

describe('the contract of registries finds one that', () => {
  it('does nothing wrong in none of its checks', async () => {
    const checks = checksOf(() => ({}));
    assert.deepEqual(Object.keys(WRONG), [...checks.keys()]);
    for (const [name, run] of checks) await assert.doesNotReject(run, name);
  });

  for (const [check, flaws] of Object.entries(WRONG))
    for (const [what, flaw] of Object.entries(flaws))
      it(`${what}: ${check}`, async () => {
        const run = checksOf(flaw).get(check);
        assert.ok(run);
        await assert.rejects(run, assert.AssertionError);
      });
});
