import assert from 'node:assert/strict';
import { authorization, type Check, KINDS } from './subject.js';

export const sharing: readonly Check[] = [
  {
    name: 'gives what another has put, consumed, removed and revoked since it was read',
    async run({ store, second, now }) {
      for (const kind of KINDS) {
        const { record, subject, authorizationID } = authorization(now);
        const [stays, spent, gone, late] = [record({ kind }), record({ kind }), record({ kind }), record({ kind })];
        await store.put([stays, spent, gone], now);
        for (const { id } of [stays, spent, gone]) assert.ok(await store.get(id, now)); // a store with a cache now has the record in it
        assert.equal(await store.get(late.id, now), undefined);
        assert.equal((await store.list(subject, now)).length, 1);
        await second.put([late], now);
        await second.consume(spent.id, { now });
        await second.remove(gone.id);
        assert.deepEqual(await store.get(late.id, now), late);
        assert.ok((await store.get(spent.id, now))?.consumedAt !== undefined);
        assert.equal(await store.get(gone.id, now), undefined);
        await second.revoke(authorizationID, now + 600, now);
        for (const { id } of [stays, spent, late]) assert.equal(await store.get(id, now), undefined, kind);
        assert.deepEqual(await store.list(subject, now), []);
      }
    },
  },
  {
    name: 'has everything once it was closed and is opened again, unless it says that it is volatile',
    async run({ store, second, now, reopen }) {
      if (store.isVolatile) return;
      const { record, subject } = authorization(now);
      const [stays, spent] = [record(), record()];
      const revoked = authorization(now);
      const ended = revoked.record();
      await store.put([stays, spent], now);
      await store.put([ended], now);
      await second.consume(spent.id, { now, seal: 'sealed' });
      await second.revoke(revoked.authorizationID, now + 600, now);
      const again = await reopen();
      assert.deepEqual(await again.get(stays.id, now), stays);
      assert.equal((await again.consume(spent.id, { now }))?.record.seal, 'sealed');
      assert.equal(await again.get(ended.id, now), undefined);
      assert.equal(await again.put([revoked.record()], now), false);
      assert.deepEqual(await again.list(subject, now), [stays]);
    },
  },
];
