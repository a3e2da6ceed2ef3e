/** Dialogs that wait in the store of tokens: in several processes, on every store. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { exchange, grant, issuer, pkce, type TransactionStore } from 'koauthorize';
import { memoryStore, storedTransactions, type TokenStore, tokenService } from 'koauthorize/tokens';
import {
  type App,
  authorizationServer,
  browser,
  exchangeCode,
  ISSUER,
  redirected,
  type Setup,
  type User,
} from '../support/authorization-server.js';
import { onEveryStore, twoOver } from '../support/every-store.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer } from '../support/plugged-server.js';
import { breakableStore, watched } from '../support/token-store.js';

type Visitor = ReturnType<typeof browser>;

/** Codes and dialogs are in one store. */
function setupOver(...[store, options]: Parameters<typeof storedTransactions>): Setup {
  const tokens = tokenService<App, User>({ store, ...options });
  return {
    session: false,
    options: { transactions: storedTransactions(store, options) },
    plug: (server) =>
      void server
        .grant(grant.code(tokens.code))
        .exchange(exchange.code(tokens.code))
        .extend(pkce())
        .extend(issuer(ISSUER)),
  };
}

/** The cookie that binds dialogs to the browser. */
function cookieOf(headers: Readonly<Record<string, unknown>>): string {
  return String((headers['set-cookie'] as unknown as string[] | undefined)?.[0]);
}

/** One browser at two processes: it sends both the same cookies. */
async function atBoth([one, other]: readonly [Visitor, Visitor]): Promise<string> {
  const dialog = await one.authorize();
  const [cookie = ''] = cookieOf(dialog.headers).split(';');
  other.agent.set('Cookie', cookie);
  return dialog.body.transactionID;
}

onEveryStore('storedTransactions()', (place) => {
  const twoProcesses = (): readonly [Visitor, Visitor] => {
    const [one, other] = twoOver(place(), (store) => authorizationServer(setupOver(store)).app);
    return [browser(one), browser(other)];
  };

  it('of concurrent decisions in two processes one counts: 20 of 20 times', async () => {
    for (let time = 0; time < 20; time++) {
      const processes = twoProcesses();
      const id = await atBoth(processes);
      const answers = await Promise.all(
        processes.flatMap(({ decide }) => [decide(id), decide(id, { cancel: '1' })]), // an answer to the same choice is repeated
      );
      const sent = answers.filter(({ status }) => status === 303).map((answer) => JSON.stringify(redirected(answer)));
      assert.equal(new Set(sent).size, 1, `time ${time}: ${sent.join()}`);
    }
  });

  it('a dialog that was answered in one process is answered in the other, and its answer is given again there', async () => {
    const [one, other] = twoProcesses();
    const id = await atBoth([one, other]);
    const first = redirected(await one.decide(id));
    assert.ok(first['code']);
    assertErrorHere(await other.decide(id, { cancel: '1' }), 403, 'access_denied');
    assert.deepEqual(redirected(await other.decide(id)), first);
  });

  it('neither the ID of a dialog, nor what it asks for, stands in the store', async () => {
    const visitor = browser(authorizationServer(setupOver(place().open())).app);
    const { transactionID } = (await visitor.authorize({ state: 'a-state-of-the-client' })).body;
    const dump = (await place().dump?.()) ?? '';
    assert.ok(!dump.includes(transactionID) && !dump.includes('a-state-of-the-client'));
    assert.ok(redirected(await visitor.decide(transactionID))['code']);
  });
});

/** What a stranger sends in place of the cookie, to be one browser wherever it comes from. */
const chosenCookie = (): string => `authorize.browser=${randomBytes(32).toString('base64url')}`;

onEveryStore('storedTransactions(): one browser that sends many requests at once', (place) => {
  const flooding = () => {
    let calls = 0;
    const counting = (store: TokenStore) =>
      watched((_method, _args, call) => {
        calls++;
        return call();
      }, store);
    const transactions: TransactionStore[] = [];
    const apps = twoOver(place(), (inner) => {
      const setup = setupOver(counting(inner));
      if (setup.options?.transactions) transactions.push(setup.options.transactions);
      return authorizationServer(setup).app;
    });
    const cookie = chosenCookie();
    const visitors = apps.map((app) => browser(app));
    for (const { agent } of visitors) agent.set('Cookie', cookie);
    const [one, other] = visitors as [Visitor, Visitor];
    return {
      ...{ one, other },
      /** @returns the dialogs that were shown, and how many calls of the store there were */
      async wave(count: number) {
        calls = 0;
        const answers = await Promise.all(
          Array.from({ length: count }, (_, i) => (i % 2 ? one : other).authorize({ state: `${i}` })),
        );
        const shown = answers.filter(({ status }) => status === 200);
        for (const answer of answers.filter(({ status }) => status !== 200))
          assert.equal(redirected(answer)['error'], 'temporarily_unavailable'); // RFC 6749 §4.1.2.1
        return { ids: shown.map(({ body }): string => body.transactionID), calls };
      },
      async waiting(): Promise<readonly string[]> {
        const ctx = { secure: false, cookies: { get: () => cookie.slice(cookie.indexOf('=') + 1) } };
        return (await transactions[0]?.waiting?.(ctx as never, { sessionKey: 'authorize' })) ?? [];
      },
    };
  };

  it('at most eight dialogs wait, and the cost of a request does not depend on their number', async () => {
    const { wave, waiting } = flooding();
    for (const count of [100, 100, 25]) {
      const { ids, calls } = await wave(count);
      const alive = await waiting();
      assert.equal(alive.length, 8);
      assert.ok(alive.every((id) => ids.includes(id)));
      assert.ok(calls <= count * 18, `${calls} calls for ${count} requests`);
    }
  });

  it('eight tabs that are opened at once all work, in two processes, whatever waited before', async () => {
    const { one, other, wave } = flooding();
    for (let round = 0; round < 4; round++) {
      const { ids } = await wave(8);
      assert.equal(ids.length, 8);
      for (const [i, id] of ids.entries())
        if (round > 0 || i % 3 > 0) assert.equal((await (i % 2 ? other : one).decide(id)).status, 303);
    }
  });
});

describe('storedTransactions()', () => {
  it('the oldest goes first, and a place that was left is used again: 39 dialogs within a second', async () => {
    const { authorize, decide } = browser(authorizationServer(setupOver(memoryStore())).app);
    const ids: string[] = [];
    for (let count = 0; count < 39; count++) {
      ids.push((await authorize()).body.transactionID);
      if (count % 4 === 3) assert.equal((await decide(ids.pop())).status, 303);
    }
    const [old, waiting] = [ids.slice(0, -8), ids.slice(-8)];
    for (const id of old) assertErrorHere(await decide(id), 403, 'access_denied');
    for (const id of waiting) assert.equal((await decide(id)).status, 303);
  });

  it('a late request that saw a place free does not store a ninth dialog in it', async () => {
    const inner = memoryStore();
    const held: (() => void)[] = [];
    let holds = false;
    const store = watched(async (method, _args, call) => {
      if (method === 'put' && holds) {
        holds = false;
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return call();
    }, inner);
    const now = () => 1_800_000_000;
    const setup = setupOver(store, { now });
    const { app } = authorizationServer({ ...setup, options: { ...setup.options, now } });
    const [late, other] = [browser(app), browser(app)];
    const cookie = chosenCookie();
    for (const { agent } of [late, other]) agent.set('Cookie', cookie);
    holds = true;
    const coming = late.authorize().then(({ status }) => status);
    while (held.length === 0) await setImmediate();
    for (let count = 0; count < 16; count++) await other.authorize(); // each place is filled, and what was stored there replaced
    held[0]?.();
    assert.equal(await coming, 200);
    let stored = 0;
    for await (const { consumedAt } of inner.listByClient('', 0)) if (consumedAt === undefined) stored++;
    assert.equal(stored, 8);
  });

  it('RFC 6749 §10.12 another browser does not answer a dialog', async () => {
    const { app } = authorizationServer(setupOver(memoryStore()));
    const id = (await browser(app).authorize()).body.transactionID;
    assertErrorHere(await browser(app).decide(id), 403, 'access_denied');
    const own = browser(app);
    await own.authorize();
    assertErrorHere(await own.decide(id), 403, 'access_denied');
  });

  it('the cookie is for the server alone, and for no other host where there is TLS', async () => {
    const plain = authorizationServer(setupOver(memoryStore())).app;
    assert.match(
      cookieOf((await browser(plain).authorize()).headers),
      /^authorize\.browser=[\w-]{43}; path=\/; samesite=lax; httponly$/i,
    );
    const { app } = authorizationServer(setupOver(memoryStore()));
    app.proxy = true;
    const { agent, authorize } = browser(app);
    agent.set('X-Forwarded-Proto', 'https');
    assert.match(
      cookieOf((await authorize()).headers),
      /^__Host-authorize\.browser=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/i,
    );
  });

  it('of a browser that has the cookie, neither of two concurrent dialogs is lost, and eight wait', async () => {
    const { authorize, decide } = browser(authorizationServer(setupOver(memoryStore())).app);
    const first = (await authorize()).body.transactionID;
    const dialogs = await Promise.all(Array.from({ length: 7 }, () => authorize()));
    for (const { body } of dialogs.slice(0, 3)) assert.equal((await decide(body.transactionID)).status, 303);
    for (let more = 0; more < 4; more++) await authorize();
    assert.equal((await decide(dialogs[6]?.body.transactionID)).status, 303);
    assertErrorHere(await decide(first), 403, 'access_denied');
  });

  it('waits ten minutes', async () => {
    const clock = { now: 1_800_000_000 };
    const now = () => clock.now;
    const setup = setupOver(memoryStore(), { now });
    const { authorize, decide } = browser(authorizationServer({ ...setup, options: { ...setup.options, now } }).app);
    const [one, other] = [(await authorize()).body.transactionID, (await authorize()).body.transactionID];
    clock.now += 599;
    assert.equal((await decide(one)).status, 303);
    clock.now += 2;
    assertErrorHere(await decide(other), 403, 'access_denied');
  });

  it('takes the clock of the server: by another one a store that it shares with the tokens would forget their codes', async () => {
    const store = memoryStore();
    const setup = { store, session: false, options: { transactions: storedTransactions(store) } } as const;
    const { app, clock } = pluggedServer(setup); // its clock is not that of the machine
    const { authorize, decide } = browser(app);
    const { code } = redirected(await decide((await authorize()).body.transactionID));
    const { transactionID } = (await authorize()).body; // the store forgets what has ended by the time that it is told
    await exchangeCode(app, code ?? '').expect(200);
    clock.now += 601;
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
  });

  it('a store that fails loses no dialog: the user is asked to try again', async () => {
    for (const method of ['list', 'consume'] as const)
      for (const how of ['rejects', 'is lost'] as const) {
        const { store, broken } = breakableStore();
        const { authorize, decide } = browser(authorizationServer(setupOver(store)).app);
        const id = (await authorize()).body.transactionID;
        broken.set(method, how);
        assert.equal((await decide(id)).status, 503, `${method} ${how}`);
        broken.clear();
        assert.ok(redirected(await decide(id))['code'], `${method} ${how}`);
      }
  });

  it('throws for an option that there is not, and for a time that is none', () => {
    assert.throws(() => storedTransactions(memoryStore(), { clock: () => 0 } as never), TypeError);
    assert.throws(() => storedTransactions(memoryStore(), { timeout: 0 }), TypeError);
  });
});
