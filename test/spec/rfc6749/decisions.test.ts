/** RFC 6749 §10.12: one dialog, one answer, whatever happens at the same moment, and whatever fails on the way. */
import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { grant, type TransactionStore } from 'koauthorize';
import { authorizationServer, browser, CALLBACK, redirected, type Setup } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { transactionStore, Unavailable } from '../../support/transaction-store.js';

/** Waits until all promises that can settle now have settled. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await tick();
}

describe('RFC 6749 §10.12 two decisions at once', () => {
  it('§10.12 of two decisions at once in one process, with a store of its own, exactly one counts, whichever the store removes for', async () => {
    const { transactions } = transactionStore();
    let removals = 0;
    const secondFirst: TransactionStore = {
      ...transactions,
      async remove(ctx, id, options) {
        removals += 1;
        if (removals === 1) await idle(); // the second call overtakes the first, as between two connections to a database
        return transactions.remove(ctx, id, options);
      },
    };
    let issued = 0;
    let read = 0;
    let release: () => void;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { app } = authorizationServer({
      session: false,
      options: { transactions: secondFirst },
      decision: (server) =>
        server.decision(async () => {
          if (++read === 2) release();
          await both; // both have read the dialog before either takes it
          return {};
        }),
      plug: (server) => server.grant(grant.code({ issue: () => `code ${++issued}` })),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const answers = await Promise.all([decide(transactionID), decide(transactionID, { cancel: '1' })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403]);
    assert.ok(issued <= 1, `${issued} codes were issued`);
  });
});

describe('RFC 6749 §10.12 a dialog that was not answered can be answered', () => {
  /** What fails once; the store is the application's own. */
  interface Failing {
    readonly title: string;
    readonly setup: (store: ReturnType<typeof transactionStore>) => Setup;
    readonly fail?: (store: ReturnType<typeof transactionStore>) => void;
    readonly issued: number;
  }
  const failing = (times: number) => () => {
    times -= 1;
    if (times >= 0) throw new Unavailable('The database does not answer');
  };
  const FAILURES: readonly Failing[] = [
    {
      title: 'the store that removes the dialog fails before it has done so',
      setup: () => ({}),
      fail: ({ fail }) => fail('remove', 'before'),
      issued: 2,
    },
    {
      title: 'the store of codes fails',
      setup: () => {
        const fail = failing(1);
        return {
          plug: (server) =>
            server.grant(
              grant.code({
                issue: () => {
                  fail();
                  return 'the code';
                },
              }),
            ),
        };
      },
      issued: 1,
    },
    {
      title: 'what complete does fails',
      setup: () => {
        const complete = failing(1);
        return { decision: (server) => server.decision(undefined, undefined, complete) };
      },
      issued: 2,
    },
    {
      title: 'a response mode by hand fails',
      setup: () => {
        const fail = failing(1);
        const modes = {
          query: (txn: { redirectURI: string }, response: { redirect(url: string): void }, params: object) => {
            fail();
            response.redirect(`${txn.redirectURI}?${new URLSearchParams({ ...params })}`);
          },
        };
        return { decision: (server) => server.decision({ modes }) };
      },
      issued: 2,
    },
    {
      title: 'a responder by hand fails',
      setup: () => {
        const fail = failing(1);
        return {
          plug: (server) =>
            server.grant('code', 'response', (ctx) => {
              fail();
              ctx.redirect(`${CALLBACK}?code=the+code`);
            }),
        };
      },
      issued: 0,
    },
  ];
  for (const { title, setup, fail, issued } of FAILURES) {
    for (const where of ['in the session', 'in a store of its own'] as const) {
      if (fail && where === 'in the session') continue; // nothing can fail there
      it(`503 once and then the answer: ${title}, ${where}`, async () => {
        const store = transactionStore();
        let count = 0;
        const { app, errors } = authorizationServer({
          plug: (server) => server.grant(grant.code({ issue: () => (++count > 0 ? 'the code' : false) })),
          ...(where === 'in a store of its own' && { session: false, options: { transactions: store.transactions } }),
          ...setup(store),
        });
        const { authorize, decide } = browser(app);
        const { transactionID } = (await authorize()).body;
        fail?.(store);
        const failed = await decide(transactionID);
        assertErrorHere(failed, 503, 'temporarily_unavailable');
        assert.ok(errors[0] instanceof Unavailable, String(errors[0]));
        const answered = await decide(transactionID);
        assert.equal(redirected(answered)['code'], 'the code', answered.text);
        if (count > 0) assert.equal(count, issued);
        assert.equal(
          (await decide(transactionID, { cancel: '1' })).status,
          403,
          'and only one of the decisions counts',
        );
      });
    }
  }

  it('a dialog that its store has removed, but failed to say so, is lost: another process may have taken it, and it must not count twice', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({ session: false, options: { transactions: store.transactions } });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    store.fail('remove', 'after');
    assertErrorHere(await decide(transactionID), 503, 'temporarily_unavailable');
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
  });

  it('what was taken and cannot be put back is told to the client', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({
      session: false,
      options: { transactions: store.transactions },
      decision: (server) =>
        server.decision(undefined, undefined, () => {
          store.fail('store', 'before');
          throw new Unavailable('The database does not answer');
        }),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const told = redirected(await decide(transactionID));
    assert.deepEqual([told['error'], told['code']], ['temporarily_unavailable', undefined]);
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
  });

  it('a store that fails while two decide at once: the other one answers', async () => {
    const store = transactionStore();
    const { app } = authorizationServer({ session: false, options: { transactions: store.transactions } });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    store.fail('remove', 'before');
    const answers = await Promise.all([decide(transactionID), decide(transactionID, { cancel: '1' })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 503]);
  });

  it('an error that does not pass ends the dialog, and the client is told once', async () => {
    const { app } = authorizationServer({
      plug: (server) => server.grant(grant.code({ issue: () => Promise.reject(new Error('a fault')) })),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const answers = await Promise.all([decide(transactionID), decide(transactionID)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403]);
    assert.deepEqual(
      answers.map((answer) => redirected(answer)['error']).filter((error) => error !== undefined),
      ['server_error'],
    );
  });
});
