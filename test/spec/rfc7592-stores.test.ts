/** RFC 7592 on every store: of changes at the same moment one counts, in all processes, and what was removed stays removed. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type RegisteredClient, registeredClients } from 'koauthorize';
import type { TokenStore } from 'koauthorize/tokens';
import { onEveryStore, twoOver } from '../support/every-store.js';
import { type Information, registrationServer, WEB } from '../support/registration-server.js';

/** How often each race is run. */
const ROUNDS = Number(process.env['REGISTRATION_ROUNDS'] ?? 10);

onEveryStore('RFC 7592', (place) => {
  const now = (): number => Math.floor(Date.now() / 1000); // Redis has a clock of its own

  /** Two processes, where the store can have them. */
  function made() {
    return twoOver(place(), (store) => registrationServer({ store, now }));
  }

  const change = ({ client_id }: Information, client_name: string) => ({ ...WEB, client_id, client_name });

  it('a client that registers at one process is known to the other: it logs in, reads, changes and removes there', async () => {
    const [one, other] = made();
    const client = await one.registered();
    assert.equal((await other.connect(client)).status, 200);
    assert.equal((await one.manage('put', client, change(client, 'New')).expect(200)).body.client_name, 'New');
    assert.equal((await other.manage('get', client).expect(200)).body.client_name, 'New');
    const { access_token } = (await one.connect(client)).body;
    await other.manage('delete', client).expect(204);
    assert.equal(await one.tokens.verify(access_token), undefined);
    await one.manage('get', client).expect(401);
    await one.manage('put', client, change(client, 'Again')).expect(401);
  });

  it('of concurrent changes of the same version, exactly one succeeds: the others get 409, and no members are mixed', async () => {
    const servers = made();
    for (let round = 0; round < ROUNDS; round++) {
      const client = await servers[0].registered();
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          servers[index % 2 === 0 ? 0 : 1].manage('put', client, change(client, `Name ${index}`)),
        ),
      );
      for (const { status, body } of answers)
        assert.ok(status === 200 || (status === 409 && body.error === 'invalid_request'), `${status}`);
      const won = answers.filter(({ status }) => status === 200).map(({ body }) => body.client_name);
      const { body } = await servers[1].manage('get', client).expect(200);
      assert.ok(won.includes(body.client_name), `${body.client_name} of ${won}`);
      const kept = (await servers[0].clients.find(client.client_id)) || undefined;
      assert.equal(kept?.registration_version, won.length, 'each that was told 200 was made');
    }
  });

  it('of two updates of one version exactly one succeeds', async () => {
    const [one, other] = twoOver(place(), (store) => registeredClients(store));
    for (let round = 0; round < ROUNDS; round++) {
      const client: RegisteredClient = {
        client_id: randomUUID(),
        client_id_issued_at: now(),
        redirect_uris: [],
        registration_version: 0,
      };
      assert.equal(await one.create(client), true);
      const updates = await Promise.all(
        [one, other, one, other].map((clients, index) =>
          clients.update({ ...client, client_name: `${index}`, registration_version: 1 }),
        ),
      );
      assert.equal(updates.filter((done) => done === true).length, 1, JSON.stringify(updates));
      const found = (await other.find(client.client_id)) || undefined;
      assert.equal(found?.client_name, `${updates.indexOf(true)}`);
    }
  });

  it('a removal that another process has overtaken by a change is tried again, and one of what is not there changes nothing', async () => {
    const store = place().open();
    const clients = registeredClients(store);
    const client = {
      client_id: randomUUID(),
      client_id_issued_at: now(),
      redirect_uris: [],
      registration_version: 0,
    };
    assert.equal(await clients.create(client), true);
    let isOvertaken = false;
    const overtaken: Pick<TokenStore, 'list' | 'put' | 'remove' | 'consume'> = {
      list: (...args) => store.list(...args),
      put: (...args) => store.put(...args),
      remove: (...args) => store.remove(...args),
      async consume(...args) {
        if (!isOvertaken) {
          isOvertaken = true;
          assert.equal(await clients.update({ ...client, client_name: 'New', registration_version: 1 }), true);
        }
        return store.consume(...args);
      },
    };
    const removed = await registeredClients(overtaken as TokenStore).remove(client.client_id);
    assert.equal(removed?.client_name, 'New');
    assert.equal(await clients.find(client.client_id), undefined);
    assert.equal(await clients.remove(client.client_id), undefined);
  });

  it('a change at the moment of the removal brings nothing back', async () => {
    const [one, other] = made();
    for (let round = 0; round < ROUNDS; round++) {
      const client = await one.registered();
      const [removed, ...changed] = await Promise.all([
        one.manage('delete', client),
        ...Array.from({ length: 4 }, (_, index) => other.manage('put', client, change(client, `Name ${index}`))),
      ]);
      assert.equal(removed?.status, 204);
      for (const { status } of changed) assert.ok([200, 401, 409].includes(status), `${status}`);
      await other.manage('get', client).expect(401);
      await one.manage('put', client, change(client, 'Again')).expect(401);
    }
  });

  it('the first use is noted once, whoever notes it, beside changes of the client', async () => {
    const [one, other] = made();
    const client = await one.registered();
    const answers = await Promise.all([one.connect(client), other.connect(client), one.connect(client)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const kept = (await other.clients.find(client.client_id)) || undefined;
    assert.equal(kept?.registration_unused_until, undefined);
    assert.ok(kept);
  });

  it('the number of clients is bounded in all processes together', async () => {
    place().clear();
    const [first, second] = twoOver(place(), (store) => registeredClients(store, { most: 4 }));
    const create = (clients: typeof first) =>
      clients.create({
        client_id: randomUUID(),
        client_id_issued_at: now(),
        redirect_uris: [],
        registration_version: 0,
        registration_unused_until: now() + 600,
      });
    const created = await Promise.all(Array.from({ length: 20 }, (_, index) => create(index % 2 ? first : second)));
    assert.ok(created.filter(Boolean).length <= 4 && created.includes(true), JSON.stringify(created));
  });
});
