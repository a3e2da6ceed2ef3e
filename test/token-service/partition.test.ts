/** Two tenants over one store. */
import assert from 'node:assert/strict';
import { ephemeralStore, memoryStore, partition, type TokenStore } from 'koauthorize/tokens';
import { authorization } from '../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../lib/testing/store-contract.js';
import { CLIENT, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { PLACES, type Place } from '../support/places.js';
import { API, tokenServer } from '../support/token-server.js';

const ALICE: User = { id: 'alice', name: 'Alice' };

for (const [name, make] of Object.entries(PLACES)) {
  describe(`partition of a store on ${name}`, () => {
    let place: Place | undefined;
    before(async function () {
      this.timeout(60_000);
      place = await make();
      if (!place) this.skip();
    });
    after(() => place?.remove());

    /** The partition of a store that the suite closes with it. */
    const open = (): TokenStore => {
      const store = place?.open() ?? assert.fail();
      return { ...partition(store, 'https://a.example'), close: () => store.close() };
    };
    storeContract({ describe, it }, { open, second: open });

    it('has nothing of another: no record, no list, no value, and no end', async () => {
      const NOW = Math.floor(Date.now() / 1000); // of this moment: the databases have clocks of their own, and the run may be long
      const store = place?.open() ?? assert.fail();
      const [one, other] = ['https://a.example', 'https://b.example'].map((issuer) => partition(store, issuer));
      assert.ok(one && other);
      const { record, subject, authorizationID } = authorization(NOW);
      const [first, second] = [record(), record()];
      assert.equal(await one.put([first, second], NOW), true);
      const listed: unknown[] = [];
      for (const elsewhere of [other, store]) {
        for (const { id } of [first, second]) {
          assert.equal(await elsewhere.get(id, NOW), undefined);
          assert.equal(await elsewhere.consume(id, { now: NOW }), undefined);
          await elsewhere.remove(id);
        }
        await elsewhere.revoke(authorizationID, NOW + 600, NOW);
        assert.deepEqual(await elsewhere.list(subject, NOW), []);
        for await (const each of elsewhere.listByClient(first.clientID, NOW))
          if (each.authorizationID === authorizationID) listed.push(each);
      }
      assert.deepEqual(listed, []);
      assert.deepEqual(await one.get(first.id, NOW), first);
      assert.equal((await one.consume(second.id, { now: NOW }))?.first, true);
      const [mine, theirs] = [one, other].map((each) => ephemeralStore(each));
      assert.equal(await mine?.add('key', 1, NOW + 600), true);
      assert.equal(await theirs?.get('key'), undefined);
      assert.equal(await theirs?.take('key'), undefined);
      assert.equal(await theirs?.add('key', 2, NOW + 600), true);
      assert.equal(await mine?.take('key'), 1);
      await store.close();
    });
  });
}

describe('partition: two servers over one store', () => {
  const tenants = () => {
    const store = memoryStore();
    return [partition(store, 'https://a.example'), partition(store, 'https://b.example')].map((each) =>
      tokenServer({ tokens: { store: each } }),
    ) as [ReturnType<typeof tokenServer>, ReturnType<typeof tokenServer>];
  };

  it('no code, token, used key, list or end of one works at the other', async () => {
    const [here, there] = tenants();
    const code = await here.authorize();
    assertErrorHere(await there.redeem(code), 400, 'invalid_grant');
    const { access_token, refresh_token } = (await here.redeem(code).expect(200)).body;
    for (const token of [access_token, refresh_token]) {
      assert.equal(await there.isActive(token), false);
      assert.equal(await there.tokens.verify(token), undefined);
      await there.revoke(token).expect(200);
    }
    assertErrorHere(await there.refresh(refresh_token), 400, 'invalid_grant');
    const until = here.clock.now + 60;
    assert.deepEqual([await here.tokens.useOnce('jti', until), await there.tokens.useOnce('jti', until)], [true, true]);
    assert.deepEqual(await there.tokens.listAuthorizations(ALICE), []);
    const [app] = await here.tokens.listAuthorizations(ALICE);
    assert.equal(await there.tokens.revokeAuthorization(ALICE, app?.authorizationID ?? ''), false);
    assert.equal(await there.tokens.revokeAll({ user: ALICE }), 0);
    assert.equal(await there.tokens.revokeAll({ client: CLIENT }), 0);
    assert.equal((await here.introspect(access_token, API)).body.active, true);
    await here.refresh(refresh_token).expect(200);
    assert.equal(await here.tokens.revokeAll({ client: CLIENT }), 1);
  });

  it('a partition that is closed leaves the store open for the others', async () => {
    const store = memoryStore();
    let isClosed = false;
    store.close = async () => {
      isClosed = true;
    };
    await partition(store, 'https://a.example').close();
    assert.equal(isClosed, false);
  });

  it('needs a name', () => {
    assert.throws(() => partition(memoryStore(), ''), /needs a name/);
  });
});
