/** Kinds of records are open: those that the token service does not know are no tokens of its. */
import assert from 'node:assert/strict';
import type { TokenRecord } from 'koauthorize/tokens';
import { idOf, idOfUsed } from '../../lib/token-service/secret.js';
import { CLIENT, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, tokenServer } from '../support/token-server.js';

const ALICE: User = { id: 'alice', name: 'Alice' };
const REST = 'A'.repeat(43);
const KINDS = ['a kind of an extension', 'device_code', 'ephemeral', 'jti', 'authorization', '__proto__', ''];

describe('token service: kinds of records', () => {
  for (const kind of KINDS) {
    it(`a record of another kind is never taken for a code or a token: ${JSON.stringify(kind)}`, async () => {
      const server = tokenServer();
      const { store, clock, tokens } = server;
      for (const letter of ['c', 'a', 'r']) {
        const credential = `abc${letter}${REST}`;
        const record: TokenRecord = {
          id: idOf(credential),
          kind,
          authorizationID: 'abc.authorization',
          clientID: CLIENT.client_id,
          expiresAt: clock.now + 600,
          data: { anything: 'at all' },
        };
        await store.put([record], clock.now);
        assertErrorHere(await server.redeem(credential), 400, 'invalid_grant');
        assertErrorHere(await server.refresh(credential), 400, 'invalid_grant');
        assert.deepEqual((await server.introspect(credential, API)).body, { active: false });
        assert.equal(await tokens.verify(credential), undefined);
        await server.revoke(credential).expect(200);
        assert.deepEqual(await store.get(record.id, clock.now), record, 'it is still there');
      }
    });

    it(`"connected apps" shows none of them, and all others: ${JSON.stringify(kind)}`, async () => {
      const { store, clock, tokens, connect } = tokenServer();
      await connect();
      const [app] = await tokens.listAuthorizations(ALICE);
      const record = {
        id: idOf('xyz'),
        kind,
        authorizationID: 'xyz.another',
        clientID: CLIENT.client_id,
        subject: 'alice',
        expiresAt: clock.now + 600,
        data: null,
      };
      await store.put([record], clock.now);
      assert.deepEqual(await tokens.listAuthorizations(ALICE), [app]);
      assert.equal(await tokens.revokeAll({ user: ALICE }), 2, 'and it ends with all that the user has');
      assert.equal(await store.get(record.id, clock.now), undefined);
    });
  }

  it('what extensions keep for a while is listed nowhere', async () => {
    const { store, clock, tokens } = tokenServer();
    await tokens.ephemeral.add('key', { clientID: CLIENT.client_id, subject: 'alice' }, clock.now + 60);
    assert.deepEqual(await tokens.listAuthorizations(ALICE), []);
    assert.deepEqual(await store.list('alice', clock.now), []);
    for await (const record of store.listByClient(CLIENT.client_id, clock.now)) assert.fail(record.id);
    assert.equal(await tokens.revokeAll({ client: CLIENT }), 0);
    assert.deepEqual(await tokens.ephemeral.take('key'), { clientID: CLIENT.client_id, subject: 'alice' });
  });

  it('a key that is kept without a value notes a use: it is there for the next, and has nothing to give', async () => {
    const { store, clock, tokens } = tokenServer();
    assert.equal(await tokens.ephemeral.add('key', undefined, clock.now + 60), true);
    assert.equal(await tokens.ephemeral.add('key', 1, clock.now + 60), false);
    assert.deepEqual([await tokens.ephemeral.get('key'), await tokens.ephemeral.take('key')], [undefined, undefined]);
    assert.equal((await store.get(idOfUsed('key'), clock.now))?.consumedAt, clock.now);
    assert.equal(await tokens.useOnce('key', clock.now + 60), false);
  });
});
