/** Who presses the button of a dialog twice has chosen once: RFC 6749 §10.12 has it answered once, and §4.1.2 the code used once. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import session from 'koa-session';
import { AnsweredError, grant, type Server } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  redirected,
  type Setup,
  type User,
} from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { transactionStore } from '../../support/transaction-store.js';

/** Codes that can be asked whether they are spent. */
function codes() {
  const spent = new Set<string>();
  const issued: string[] = [];
  const plug = (server: Server<App, User>): void => {
    server.grant(
      grant.code({
        issue() {
          issued.push(`code-${issued.length + 1}`);
          return issued.at(-1);
        },
        isSpent: (code) => spent.has(code),
      }),
    );
  };
  return { spent, issued, plug };
}

const BROWSER = 'X-Browser';
const browserOf = (ctx: Context): string => ctx.get(BROWSER);

/** One process of an application whose store is its own. */
function application(setup: Setup = {}, store = transactionStore(browserOf)) {
  const codesOfOne = codes();
  const made = authorizationServer({
    session: false,
    options: { name: 'as', transactions: store.transactions }, // all processes are one server
    plug: codesOfOne.plug,
    ...setup,
  });
  return { ...made, ...codesOfOne, store };
}

/** What a browser does when a button is pressed. */
function pressing(app: Parameters<typeof browser>[0], name = 'one', user = 'alice') {
  const { agent, authorize } = browser(app, user);
  const press = (transactionID: string, more: object = {}) =>
    agent
      .post('/decision')
      .set('X-User', user)
      .set(BROWSER, name)
      .type('form')
      .send({ transaction_id: transactionID, ...more });
  return { begin: async () => (await authorize().set(BROWSER, name)).body.transactionID as string, press };
}

describe('RFC 6749 §10.12 a button that is pressed twice', () => {
  for (const [what, form] of [
    ['allow', {}],
    ['deny', { cancel: '1' }],
  ] as const) {
    it(`§10.12 the same choice within ten seconds is sent the same answer again: ${what}`, async () => {
      const { app, issued } = application();
      const { begin, press } = pressing(app);
      const transactionID = await begin();
      const first = await press(transactionID, form);
      const second = await press(transactionID, form);
      assert.deepEqual([first.status, second.status], [303, 303], second.text);
      assert.equal(second.headers['location'], first.headers['location']);
      assert.ok(issued.length <= 1, 'one code only');
    });

    it(`§10.12 another choice is told what really happened: ${what}`, async () => {
      const { app } = application();
      const { begin, press } = pressing(app);
      const transactionID = await begin();
      await press(transactionID, form);
      const second = await press(transactionID, what === 'allow' ? { cancel: '1' } : {});
      assertErrorHere(second, 403, 'access_denied');
      const happened = what === 'allow' ? /access was allowed/ : /access was denied/;
      assert.match(second.body.error_description, happened);
    });
  }

  it('§10.12 another scope is another choice', async () => {
    const { app } = application({
      decision: (server) => server.decision((_ctx, form) => ({ scope: String(form['scope'] ?? '') })),
    });
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID, { scope: 'read' });
    assertErrorHere(await press(transactionID, { scope: 'read write' }), 403, 'access_denied');
    assert.equal((await press(transactionID, { scope: 'read' })).status, 303);
  });

  it('§10.12 after ten seconds what happened is told, and no answer is sent', async () => {
    let now = 1_700_000_000;
    const store = transactionStore(browserOf);
    const { app } = application({ options: { transactions: store.transactions, now: () => now } }, store);
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID);
    now += 10;
    assert.equal((await press(transactionID)).status, 303);
    now += 1;
    const late = await press(transactionID);
    assertErrorHere(late, 403, 'access_denied');
    assert.match(late.body.error_description, /access was allowed/);
  });

  it('§4.1.2 a code that was redeemed meanwhile is not sent again: the page knows that it was allowed, and the way back', async () => {
    const seen: unknown[] = [];
    const { app, spent, issued } = application({
      before: async (_ctx, next) => {
        try {
          await next();
        } catch (error) {
          seen.push(error);
          throw error;
        }
      },
      errorHandler: (server) => server.errorHandler({ mode: 'indirect' }),
    });
    app.silent = true;
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID);
    for (const code of issued) spent.add(code);
    const second = await press(transactionID);
    assert.deepEqual([second.status, second.headers['location']], [403, undefined]);
    const [error] = seen;
    assert.ok(error instanceof AnsweredError, String(error));
    assert.deepEqual([error.allowed, error.client, error.redirectURI], [true, CLIENT, CALLBACK]);
  });

  it('§4.1.2 code and token together: the same answer again, until the code is redeemed', async () => {
    const { spent, plug } = codes();
    const { app } = application({
      plug(server) {
        plug(server);
        server.grant(grant.token({ issue: () => ({ access_token: 'the token' }) })).grant('code token');
      },
    });
    const { agent, authorize } = browser(app);
    const dialog = await authorize({ response_type: 'code token' }).set(BROWSER, 'one');
    const press = () =>
      agent
        .post('/decision')
        .set('X-User', 'alice')
        .set(BROWSER, 'one')
        .type('form')
        .send({ transaction_id: dialog.body.transactionID });
    const [first, second] = [await press(), await press()];
    assert.equal(redirected(first)['access_token'], 'the token');
    assert.equal(second.headers['location'], first.headers['location']);
    spent.add(redirected(first)['code'] ?? '');
    assertErrorHere(await press(), 403, 'access_denied');
  });

  it('§10.12 another user, and another browser, are told nothing', async () => {
    const { app } = application();
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID);
    for (const other of [pressing(app, 'one', 'bob'), pressing(app, 'two')]) {
      const refused = await other.press(transactionID);
      assertErrorHere(refused, 403, 'access_denied');
      assert.equal(refused.body.error_description, 'Unable to load OAuth 2.0 transaction');
    }
  });

  it('§10.12 in another process, too, where the store is shared', async () => {
    const store = transactionStore(browserOf);
    const [one, two] = [application({}, store), application({}, store)];
    const { begin, press } = pressing(one.app);
    const transactionID = await begin();
    const first = await press(transactionID);
    const second = await pressing(two.app).press(transactionID);
    assert.equal(second.headers['location'], first.headers['location']);
    assert.equal(two.issued.length, 0);
  });

  it('§10.12 two processes at the same moment, one choice: both browsers’ requests get the one answer', async () => {
    const store = transactionStore(browserOf);
    let read = 0;
    let release: () => void;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const decision: Setup['decision'] = (server) =>
      server.decision(async () => {
        if (++read === 2) release();
        await both;
        return {};
      });
    const processes = [application({ decision }, store), application({ decision }, store)];
    const transactionID = await pressing(processes[0]?.app as never).begin();
    const answers = await Promise.all(processes.map(({ app }) => pressing(app).press(transactionID)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [303, 303],
    );
    assert.equal(answers[0]?.headers['location'], answers[1]?.headers['location']);
  });

  for (const where of ['in a cookie', 'in a store'] as const) {
    it(`§10.12 while the first answer is on its way, the second gets the same, whether or not codes can be asked: session ${where}`, async () => {
      let issued = 0;
      let decided = 0;
      let release: () => void;
      const both = new Promise<void>((resolve) => {
        release = resolve;
      });
      const sessions = new Map<string, object>();
      const { app } = authorizationServer({
        before: async (ctx, next) => {
          await next();
          if (ctx.path !== '/decision') return;
          if (++decided === 2) release();
          await both; // neither answer leaves before both are ready
        },
        plug: (server) => server.grant(grant.code(() => `code ${++issued}`)),
        ...(where === 'in a store' && {
          session: (app) =>
            session(
              {
                store: {
                  get: async (key: string) => structuredClone(sessions.get(key)),
                  set: async (key: string, value: object) => void sessions.set(key, structuredClone(value)),
                  destroy: async (key: string) => void sessions.delete(key),
                },
              },
              app,
            ),
        }),
      });
      const { authorize, decide } = browser(app);
      const { transactionID } = (await authorize()).body;
      const answers = await Promise.all([decide(transactionID), decide(transactionID)]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [303, 303],
      );
      assert.deepEqual([...new Set(answers.map(({ headers }) => headers['location']))].length, 1);
      assert.equal(issued, 1);
    });
  }

  it('the stored response cannot be read from the session or the store', async () => {
    const { app, store, issued } = application();
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID);
    const kept = [...store.records].flat().join();
    assert.ok(kept.includes('"answer":"'));
    for (const secret of [transactionID, issued[0] ?? '', CALLBACK, 'a state', 'alice']) {
      assert.equal(kept.includes(secret), false, secret);
    }
  });

  it('what is kept for it is no dialog', async () => {
    const { app, store } = application();
    const { begin, press } = pressing(app);
    await press(await begin());
    const [key = ''] = [...store.records.keys()];
    assertErrorHere(await press(key.split(' ')[1] ?? ''), 403, 'access_denied');
  });

  it('an answer that cannot be kept is sent all the same, and the operator is told', async () => {
    const { app, store, errors } = application();
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    store.fail('store', 'before');
    assert.equal(redirected(await press(transactionID))['code'], 'code-1');
    assert.equal(errors.length, 1);
  });

  it('resumed twice: the same answer', async () => {
    const { app } = application({ resume: (server) => server.resume((_client, _user) => true) });
    const { begin } = pressing(app);
    const transactionID = await begin();
    const { agent } = browser(app);
    const resume = () =>
      agent.get('/resume').query({ transaction_id: transactionID }).set('X-User', 'alice').set(BROWSER, 'one');
    const [first, second] = [await resume(), await resume()];
    assert.deepEqual([first.status, second.status], [302, 302], second.text);
    assert.equal(second.headers['location'], first.headers['location']);
  });

  it('and what was answered is not drawn again', async () => {
    const { app } = application({ resume: (server) => server.resume(() => false) });
    const { begin, press } = pressing(app);
    const transactionID = await begin();
    await press(transactionID);
    const { agent } = browser(app);
    const drawn = await agent
      .get('/resume')
      .query({ transaction_id: transactionID })
      .set('X-User', 'alice')
      .set(BROWSER, 'one');
    assertErrorHere(drawn, 403, 'access_denied');
    assert.match(drawn.body.error_description, /access was allowed/);
  });
});
