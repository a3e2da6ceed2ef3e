import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { ClientRegistry, RegisteredClient } from '../../extension/client-registration/registered.js';

/** The registries that a check examines. */
export interface RegistrySubject {
  readonly registry: ClientRegistry;
  /** Another registry of the same clients, or `registry` itself if there is no other. */
  readonly second: ClientRegistry;
  /** Epoch seconds. */
  readonly now: number;
}

export interface RegistryCheck {
  readonly name: string;
  run(subject: RegistrySubject): Promise<void>;
}

/** How many callers change one client at the same moment. */
const RACERS = 20;
const ROUNDS = 5;

const random = (): string => randomBytes(18).toString('base64url');

/** Members that the toolkit does not know. */
const MORE = { 'client_name#de': "Mark's", 'a member of yours': { nothing: null, list: [[1.5, true], {}] } };

/** A client as the server makes it, with members of every JSON type. */
function newClient(now: number, changes: Partial<RegisteredClient> = {}): RegisteredClient {
  return {
    client_id: random(),
    client_id_issued_at: now,
    redirect_uris: ['https://client.example/callback?a=1&b=%20', 'com.example.app:/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    client_name: 'Caf\u00e9 or Cafe\u0301, \u{1f511} "quoted" \\ %_*',
    client_secret_hash: random(),
    client_secret_expires_at: 0,
    registration_access_token_hash: random(),
    registration_version: 1,
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: random(), y: random(), key_ops: [] }] },
    require_pushed_authorization_requests: false,
    ...MORE,
    ...changes,
  };
}

/** The client after its next change. */
const changed = (client: RegisteredClient, changes: Partial<RegisteredClient>): RegisteredClient => ({
  ...client,
  registration_version: client.registration_version + 1,
  ...changes,
});

async function assertAbsent({ registry, second }: RegistrySubject, clientID: string, message?: string): Promise<void> {
  for (const each of [registry, second]) assert.ok(!(await each.find(clientID)), message ?? 'the client is not there');
}

async function assertFound({ registry, second }: RegistrySubject, client: RegisteredClient): Promise<void> {
  for (const each of [registry, second]) assert.deepEqual(await each.find(client.client_id), client);
}

export const registryChecks: readonly RegistryCheck[] = [
  {
    name: 'finds each client whole, and nothing where there is none',
    async run(subject) {
      const { registry, now } = subject;
      const [client, other] = [newClient(now), newClient(now, { registration_unused_until: now + 3600 })];
      await assertAbsent(subject, client.client_id);
      for (const each of [client, other]) assert.equal(await registry.create(each), true);
      for (const each of [client, other]) await assertFound(subject, each);
      for (const each of [client, other]) await registry.remove(each.client_id);
    },
  },
  {
    name: 'replaces a client whole: what the change leaves out is gone',
    async run(subject) {
      const { registry, second, now } = subject;
      const client = newClient(now, { registration_unused_until: now + 3600 });
      await registry.create(client);
      await assertFound(subject, client); // a registry with a cache now has the client in it
      const { registration_unused_until: _, client_secret_hash: __, jwks: ___, ...rest } = client;
      const next: RegisteredClient = { ...rest, registration_version: 2, redirect_uris: ['https://other.example/'] };
      assert.equal(await second.update(next), true);
      await assertFound(subject, next);
      const last = changed(next, { client_name: 'third' });
      assert.equal(await registry.update(last), true);
      await assertFound(subject, last);
      await registry.remove(client.client_id);
    },
  },
  {
    name: 'replaces the version before only',
    async run(subject) {
      const { registry, second, now } = subject;
      const client = newClient(now, { registration_version: 5 });
      await registry.create(client);
      for (const registration_version of [1, 4, 5, 7, 50])
        assert.equal(await second.update({ ...client, registration_version, client_name: 'wrong' }), false);
      await assertFound(subject, client);
      await registry.remove(client.client_id);
    },
  },
  {
    name: 'makes no client by a change',
    async run(subject) {
      const { registry, now } = subject;
      for (const registration_version of [1, 2]) {
        const client = newClient(now, { registration_version });
        assert.equal(await registry.update(client), false);
        await assertAbsent(subject, client.client_id);
      }
    },
  },
  {
    name: `tells one of ${RACERS} who change one version at once that it did, and keeps what that one wrote`,
    async run(subject) {
      const { registry, second, now } = subject;
      for (let round = 0; round < ROUNDS; round++) {
        const client = newClient(now);
        await registry.create(client);
        const changes = Array.from({ length: RACERS }, (_, i) => changed(client, { client_name: `${i}` }));
        const told = await Promise.all(changes.map((each, i) => (i % 2 ? registry : second).update(each)));
        const winners = changes.filter((_, i) => told[i] === true);
        assert.equal(winners.length, 1, `${winners.length} of ${RACERS} succeeded`);
        await assertFound(subject, winners[0] ?? client);
        await registry.remove(client.client_id);
      }
    },
  },
  {
    name: 'gives a client as it was removed, or nothing; it does not come back by a change, and no other goes',
    async run(subject) {
      const { registry, second, now } = subject;
      const [client, other] = [newClient(now), newClient(now)];
      for (const each of [client, other]) await registry.create(each);
      const last = changed(client, { client_name: 'last' });
      await registry.update(last);
      const removed = await second.remove(client.client_id);
      if (removed) assert.deepEqual(removed, last);
      await assertAbsent(subject, client.client_id);
      assert.equal(await registry.update(changed(last, {})), false);
      await assertAbsent(subject, client.client_id, 'it came back by a change');
      for (const each of [registry, second]) assert.ok(!(await each.remove(client.client_id)), 'it is removed once');
      await assertFound(subject, other);
      await registry.remove(other.client_id);
    },
  },
  {
    name: 'has removed a client for good that is changed at the same moment, and gives it as the last change left it',
    async run(subject) {
      const { registry, second, now } = subject;
      for (let round = 0; round < ROUNDS; round++) {
        const client = newClient(now);
        await registry.create(client);
        const next = changed(client, { client_name: 'next' });
        const change = () => registry.update(next);
        const remove = () => second.remove(client.client_id);
        const outcome = await Promise.all(round % 2 ? [change(), remove()] : [remove(), change()]);
        await assertAbsent(subject, client.client_id, 'a change at the same moment brought it back');
        const [told, removed] = round % 2 ? outcome : [...outcome].reverse();
        if (removed) assert.deepEqual(removed, told === true ? next : client);
      }
    },
  },
];
