/** How transactions are kept in a session, and how many. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { sessionTransactions, type TransactionRecord } from 'koauthorize';

const KEY = { sessionKey: 'authorize' };

const record = (at: number | undefined, state = 's'): TransactionRecord => ({
  protocol: 'oauth2',
  client: 'client',
  redirectURI: 'https://client.example/cb',
  req: { type: 'code', clientID: 'client', state },
  ...(at !== undefined && { at }),
});

const contextWith = (session: object | null | undefined) => ({ session, get: () => '' }) as unknown as Context;
const store = sessionTransactions();
const waiting = (session: object) => Object.keys((session as { authorize?: object }).authorize ?? {});

describe('transaction/session', () => {
  it('stores, loads, updates, removes', async () => {
    const session = {};
    const ctx = contextWith(session);
    await store.store(ctx, 'a', record(1), KEY);
    assert.deepEqual(await store.load(ctx, 'a', KEY), record(1));
    await store.update(ctx, 'a', record(2), KEY);
    assert.deepEqual(await store.load(ctx, 'a', KEY), record(2));
    assert.deepEqual(JSON.parse(JSON.stringify(session)), { authorize: { a: record(2) } });
    assert.equal(await store.remove(ctx, 'a', KEY), true);
    assert.equal(await store.remove(ctx, 'a', KEY), false);
    assert.equal(await store.load(ctx, 'a', KEY), undefined);
  });

  it('an update never brings back what was removed', async () => {
    const session = {};
    const ctx = contextWith(session);
    await store.store(ctx, 'a', record(1), KEY);
    await store.remove(ctx, 'a', KEY);
    const late = async () => store.update(ctx, 'a', record(1), KEY);
    await assert.rejects(late, { status: 403 });
    assert.deepEqual(waiting(session), []);
  });

  it('gives a new object with every change, so that sessions notice it', async () => {
    const session: { authorize?: object } = {};
    await store.store(contextWith(session), 'a', record(1), KEY);
    const before = session.authorize;
    await store.store(contextWith(session), 'b', record(1), KEY);
    assert.notEqual(session.authorize, before);
  });

  it('at most eight wait: the oldest goes first, and one without a time before all others', async () => {
    const session = { authorize: { '9': record(50), old: record(undefined), '1': record(10) } };
    const ctx = contextWith(session);
    for (let at = 100; at < 106; at++) await store.store(ctx, `n${at}`, record(at), KEY);
    assert.deepEqual(waiting(session).sort(), ['1', '9', 'n100', 'n101', 'n102', 'n103', 'n104', 'n105']);
    await store.store(ctx, 'n106', record(106), KEY);
    assert.ok(!waiting(session).includes('1'));
    await store.update(ctx, 'n106', record(1), KEY);
    assert.equal(waiting(session).length, 8);
    await store.store(ctx, 'newest', record(0), KEY);
    assert.ok(waiting(session).includes('newest'), 'the newest stays, whatever its time');
  });

  it('in a cookie they stay small, and one that is too large is refused', async () => {
    const session = { externalKey: undefined };
    const ctx = contextWith(session);
    for (let at = 0; at < 8; at++) await store.store(ctx, `n${at}`, record(at, 'x'.repeat(500)), KEY);
    assert.deepEqual(waiting(session), ['n4', 'n5', 'n6', 'n7']);
    await assert.rejects(async () => store.store(ctx, 'huge', record(9, 'x'.repeat(3000)), KEY), {
      code: 'invalid_request',
      message: 'The authorization request is too large for the session in a cookie',
    });
  });

  it('on a server there is room', async () => {
    const session = { externalKey: 'key' };
    await store.store(contextWith(session), 'huge', record(9, 'x'.repeat(100_000)), KEY);
    assert.deepEqual(waiting(session), ['huge']);
  });

  for (const authorize of [undefined, null, 'text', 7]) {
    it(`${JSON.stringify(authorize)} in place of transactions: none can be loaded, and they are begun anew`, async () => {
      const session = { authorize };
      const ctx = contextWith(session);
      await assert.rejects(async () => store.load(ctx, 'a', KEY), {
        status: 403,
        message: 'Unable to load OAuth 2.0 transactions from session',
      });
      assert.equal(await store.remove(ctx, 'a', KEY), false);
      await store.store(ctx, 'a', record(1), KEY);
      assert.deepEqual(JSON.parse(JSON.stringify(session)), { authorize: { a: record(1) } });
    });
  }

  for (const session of [undefined, null]) {
    it(`without a session (${session}) the operator is told`, async () => {
      const ctx = contextWith(session);
      for (const attempt of [
        async () => store.load(ctx, 'a', KEY),
        async () => store.store(ctx, 'a', record(1), KEY),
        async () => store.remove(ctx, 'a', KEY),
      ])
        await assert.rejects(attempt, /Did you forget app\.use\(session\(app\)\)/);
    });
  }
});
