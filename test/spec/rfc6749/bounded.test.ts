/** How much one browser can make a server keep. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type Koa from 'koa';
import session from 'koa-session';
import type { TransactionStore } from 'koauthorize';
import { authorizationServer, browser, CALLBACK, redirected, type Setup } from '../../support/authorization-server.js';
import { transactionStore } from '../../support/transaction-store.js';

/** koa-session with its sessions on the server. */
function onServer(app: Koa) {
  const sessions = new Map<string, string>();
  return session(
    {
      store: {
        get: async (key: string) => JSON.parse(sessions.get(key) ?? 'null'),
        set: async (key: string, value: unknown) => void sessions.set(key, JSON.stringify(value)),
        destroy: async (key: string) => void sessions.delete(key),
      },
    },
    app,
  );
}

interface Place {
  readonly where: string;
  readonly setup: Setup;
  /** Gives the store more than it must have. */
  readonly extend?: (store: ReturnType<typeof transactionStore>) => Partial<TransactionStore>;
}

const PLACES: readonly Place[] = [
  { where: 'sessions on the server', setup: { session: onServer } },
  { where: 'sessions in a cookie', setup: {} },
  {
    where: 'no session, and a store that says what waits',
    setup: { session: false },
    extend: ({ records }) => ({ waiting: () => [...records.keys()].map((key) => key.trim()) }),
  },
];

const begin: Setup['routes'] = (router) => {
  router.get('/begin', (ctx) => {
    ctx['session'].begun = true;
    ctx.body = '';
  });
};

describe('a store of the application: at most eight dialogs of one browser wait', () => {
  for (const { where, setup, extend } of PLACES) {
    it(`and the oldest is removed first: ${where}`, async () => {
      const store = transactionStore();
      const transactions = { ...store.transactions, ...extend?.(store) };
      const { app } = authorizationServer({ ...setup, options: { transactions } });
      const { authorize, decide } = browser(app);
      const ids: string[] = [];
      for (let count = 0; count < 20; count++) ids.push((await authorize()).body.transactionID);
      assert.equal(store.records.size, 8);
      assert.equal((await decide(ids[11])).status, 403);
      for (const id of ids.slice(12)) assert.equal((await decide(id)).status, 303);
    });
  }

  it('when all of them come at once, too', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({
      session: onServer,
      options: { transactions: store.transactions },
      routes: begin,
    });
    const { agent, authorize } = browser(app);
    await agent.get('/begin');
    await Promise.all(Array.from({ length: 60 }, () => authorize()));
    assert.ok(store.records.size <= 8, `${store.records.size} wait`);
  });

  it('when all of them come at once, and the store alone says what waits; and each removes so many and no more', async () => {
    const store = transactionStore();
    let removed = 0;
    const later = setImmediate;
    const transactions: TransactionStore = {
      ...store.transactions,
      async waiting() {
        await later(); // as a database: others of the same moment see the same
        const seen = [...store.records.keys()].map((key) => key.trim());
        await later();
        return seen;
      },
      async remove(ctx, id, options) {
        removed++;
        await later();
        return store.transactions.remove(ctx, id, options);
      },
    };
    const { authorize, agent } = browser(authorizationServer({ session: false, options: { transactions } }).app);
    await agent.get('/');
    for (const count of [60, 60]) {
      removed = 0;
      await Promise.all(Array.from({ length: count }, () => authorize()));
      assert.ok(store.records.size <= 8, `${store.records.size} wait`);
      assert.ok(removed <= count * 25, `${removed} removals`);
    }
  });

  it('what was answered takes nobody’s place, and no more than eight answers are kept', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({ session: onServer, options: { transactions: store.transactions } });
    const { authorize, decide } = browser(app);
    const first = (await authorize()).body.transactionID;
    for (let count = 0; count < 20; count++) await decide((await authorize()).body.transactionID);
    assert.ok(store.records.size <= 9, `${store.records.size} records are kept`);
    assert.equal((await decide(first)).status, 303);
  });

  it('another browser’s dialogs are left alone', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({ session: onServer, options: { transactions: store.transactions } });
    const mine = (await browser(app).authorize()).body.transactionID;
    assert.ok(mine);
    const { authorize } = browser(app);
    for (let count = 0; count < 20; count++) await authorize();
    assert.equal(store.records.size, 9);
    assert.ok(store.records.has(` ${mine}`));
  });
});

describe('RFC 6749 §4.1.1 state', () => {
  const setup: Setup = { session: onServer };

  it('of 4,096 characters is taken, and comes back as it was', async () => {
    const state = 'x'.repeat(4096);
    assert.equal((await browser(authorizationServer(setup).app).allow({ state }))['state'], state);
  });

  it('that is longer is refused by redirect, and nothing waits', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({ ...setup, options: { transactions: store.transactions } });
    const response = await browser(app)
      .authorize({ state: 'x'.repeat(4097) })
      .expect(302);
    assert.ok(response.headers['location']?.startsWith(`${CALLBACK}?`));
    const { error, error_description } = redirected(response);
    assert.deepEqual([error, error_description], ['invalid_request', 'Malformed parameter: state']);
    assert.equal(store.records.size, 0);
  });
});
