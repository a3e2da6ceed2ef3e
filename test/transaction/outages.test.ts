/** Dialogs, and the pushed requests behind them, after an outage of the store in which nobody knows what happened. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange, grant, pkce, pushedRequests } from 'koauthorize';
import { ephemeralStore, memoryStore, storedTransactions, type TokenStore, tokenService } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { type App, authorizationServer, browser, redirected, type User } from '../support/authorization-server.js';
import { CONFIDENTIAL } from '../support/client-auth.js';
import { onEveryStore } from '../support/every-store.js';
import { assertErrorHere } from '../support/form.js';
import { pushingServer } from '../support/pushing-server.js';
import { type Break, breakableStore, METHODS, type Method, watched } from '../support/token-store.js';

const ID = CONFIDENTIAL.client_id;

/** Longer than the pause between two attempts to put right what an outage has left. */
const ATTEMPT = 1500;

/** A store that answers no call any more once a call was made whose answer is lost. */
function outage(inner: TokenStore = memoryStore()) {
  const state = { lost: undefined as Method | undefined, after: 0, isDown: false };
  const store = watched(async (method, _args, call) => {
    if (state.isDown) throw new Error('the database is away');
    if (method !== state.lost || state.after-- > 0) return call();
    state.isDown = true;
    await call();
    throw new Error('the connection was lost');
  }, inner);
  return {
    store,
    /** @param after how many calls of the method are answered before */
    begin: (lost: Method, after = 0) => void Object.assign(state, { lost, after }),
    end: () => void Object.assign(state, { lost: undefined, isDown: false }),
    get isDown() {
      return state.isDown;
    },
  };
}

const pushing = (store: TokenStore, more: object = {}) => pushingServer({ store, plugs: [pushedRequests()], ...more });

/** A server whose dialogs, codes and pushed requests are in one store. */
const allInOne = (store: TokenStore) => pushing(store, { transactions: storedTransactions(store) });

/** A server with stored dialogs and codes, and without sessions. */
function storing(store: TokenStore) {
  const tokens = tokenService<App, User>({ store });
  return authorizationServer({
    session: false,
    options: { name: 'the same in both processes', transactions: storedTransactions(store) },
    resume: (server) => server.resume(() => false),
    plug: (server) => void server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce()),
    routes(router, server) {
      router.post('/login', async (ctx) => {
        const transactionID = String(ctx.query['transaction_id']);
        const logIn = () => {
          ctx.state['user'] = { id: 'alice', name: 'Alice' };
        };
        ctx.body = { id: await server.renewSession(ctx, logIn, { transactionID }) };
      });
    },
  }).app;
}

/** A store whose next `consume` fails, and takes effect when something is listed, or a moment later: the database goes on after its connection was lost. */
function consumedLate(inner: TokenStore) {
  const state = { isArmed: false, late: undefined as (() => Promise<unknown>) | undefined };
  const goOn = async (): Promise<void> => {
    const { late } = state;
    state.late = undefined;
    await late?.();
  };
  const store = watched(async (method, _args, call) => {
    if (method === 'consume' && state.isArmed) {
      Object.assign(state, { isArmed: false, late: call });
      setTimeout(goOn, 100);
      throw new Error('the connection was lost');
    }
    if (method === 'list') await goOn();
    return call();
  }, inner);
  return { store, arm: () => void Object.assign(state, { isArmed: true }) };
}

const cookiesIn = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): string =>
  ((headers['set-cookie'] ?? []) as readonly string[]).map((cookie) => cookie.split(';')[0]).join('; ');

describe('RFC 9126 §4: a pushed request whose removal fails', () => {
  for (const how of ['rejects', 'rejects late', 'is lost'] as const satisfies readonly Break[])
    it(`does not take the dialog with it, and is answered once: the store ${how}`, async () => {
      const { store, broken } = breakableStore();
      const { uriOf, visitor } = pushing(store);
      const [{ open, decide }, request_uri] = [visitor(), await uriOf()];
      const first = await open({ client_id: ID, request_uri }).expect(200);
      const second = await open({ client_id: ID, request_uri }).expect(200);
      for (let times = 0; times < 3; times++) {
        broken.set('consume', how);
        assertErrorHere(await decide(first.body.transactionID), 503, 'temporarily_unavailable');
        broken.clear();
      }
      assert.ok(redirected(await decide(first.body.transactionID).expect(303))['code']);
      assertErrorHere(await decide(second.body.transactionID), 403, 'access_denied');
      assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
      await pause(ATTEMPT);
      assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
    });

  it('waits again for another dialog of it, too', async () => {
    const { store, broken } = breakableStore();
    const { uriOf, visitor } = pushing(store);
    const [{ open, decide }, request_uri] = [visitor(), await uriOf()];
    const first = await open({ client_id: ID, request_uri }).expect(200);
    const second = await open({ client_id: ID, request_uri }).expect(200);
    broken.set('consume', 'is lost');
    assertErrorHere(await decide(first.body.transactionID), 503, 'temporarily_unavailable');
    broken.clear();
    assert.ok(redirected(await decide(second.body.transactionID).expect(303))['code']);
    assertErrorHere(await decide(first.body.transactionID), 403, 'access_denied');
  });

  it('where no dialog is shown, the page can be loaded again', async () => {
    const { store, broken } = breakableStore();
    const { uriOf, visitor } = pushing(store, { immediate: true });
    const [{ open }, request_uri] = [visitor(), await uriOf()];
    broken.set('consume', 'is lost');
    assertErrorHere(await open({ client_id: ID, request_uri }), 503, 'temporarily_unavailable');
    broken.clear();
    assert.ok(redirected(await open({ client_id: ID, request_uri }))['code']);
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
  });

  it('every process finds it again, a moment after the store is back', async () => {
    const shared = memoryStore();
    const { store, begin, end } = outage(shared);
    const keeping = { transactions: storedTransactions(shared), session: false };
    const [one, other] = [pushing(store, keeping), pushing(shared, keeping)];
    const { open, decide } = one.visitor();
    const dialog = await open({ client_id: ID, request_uri: await one.uriOf() }).expect(200);
    const there = other.visitor();
    there.agent.set('Cookie', cookiesIn(dialog));
    begin('consume');
    assertErrorHere(await decide(dialog.body.transactionID), 503, 'temporarily_unavailable');
    end();
    await pause(ATTEMPT);
    assert.ok(redirected(await there.decide(dialog.body.transactionID).expect(303))['code']);
  });

  it('a dialog in the same store comes back with it, whichever of the two was lost', async () => {
    for (const after of [0, 1]) {
      const { store, begin, end } = outage();
      const { uriOf, visitor } = allInOne(store);
      const [{ open, decide }, request_uri] = [visitor(), await uriOf()];
      const { transactionID } = (await open({ client_id: ID, request_uri }).expect(200)).body;
      begin('consume', after);
      assertErrorHere(await decide(transactionID), 503, 'temporarily_unavailable');
      assertErrorHere(await decide(transactionID), 503, 'temporarily_unavailable');
      end();
      assert.ok(redirected(await decide(transactionID).expect(303))['code'], `after ${after}`);
      assertErrorHere(await decide(transactionID, { cancel: '1' }), 403, 'access_denied');
    }
  });
});

onEveryStore('storedTransactions(): a removal whose effect nobody knows', (place) => {
  it('is undone when the store is back: the same decision gets its answer, once', async () => {
    const { store, begin, end } = outage(place().open());
    const { authorize, decide } = browser(storing(store));
    const id = (await authorize()).body.transactionID;
    begin('consume');
    for (let times = 0; times < 3; times++) assertErrorHere(await decide(id), 503, 'temporarily_unavailable');
    end();
    const { code } = redirected(await decide(id).expect(303));
    assert.ok(code);
    await pause(ATTEMPT);
    assertErrorHere(await decide(id, { cancel: '1' }), 403, 'access_denied');
  });

  it('is undone for all processes, and no process answers the dialog twice', async () => {
    const shared = place().open();
    const { store, begin, end } = outage(shared);
    const [one, other] = [browser(storing(store)), browser(storing(shared))];
    const dialog = await one.authorize();
    const id = dialog.body.transactionID;
    other.agent.set('Cookie', cookiesIn(dialog));
    begin('consume');
    assertErrorHere(await one.decide(id), 503, 'temporarily_unavailable');
    end();
    await pause(ATTEMPT);
    assert.ok(redirected(await other.decide(id).expect(303))['code']);
    await pause(ATTEMPT);
    for (const { decide } of [one, other]) assertErrorHere(await decide(id, { cancel: '1' }), 403, 'access_denied');
  });

  it('does not bring back what another process has answered meanwhile', async () => {
    const shared = place().open();
    const { store, broken } = breakableStore(shared);
    const [one, other] = [browser(storing(store)), browser(storing(shared))];
    const dialog = await one.authorize();
    const id = dialog.body.transactionID;
    other.agent.set('Cookie', cookiesIn(dialog));
    for (const method of METHODS) if (method !== 'list' && method !== 'put') broken.set(method, 'rejects');
    assertErrorHere(await one.decide(id), 503, 'temporarily_unavailable');
    assert.ok(redirected(await other.decide(id).expect(303))['code']);
    broken.clear();
    await pause(ATTEMPT);
    for (const { decide } of [one, other]) assertErrorHere(await decide(id, { cancel: '1' }), 403, 'access_denied');
  });

  it('loses no dialog of a login that renews the session, whenever the store fails', async () => {
    for (const [lost, after] of [
      ['consume', 0],
      ['consume', 1],
      ['put', 0],
      ['put', 1],
    ] as const) {
      const lasting = outage(place().open());
      const app = storing(lasting.store);
      const { agent, authorize, decide } = browser(app, '');
      const ids = [(await authorize()).body.transactionID, (await authorize()).body.transactionID];
      lasting.begin(lost, after);
      const logIn = async (id: string) => await agent.post('/login').query({ transaction_id: id });
      let answer = await logIn(ids[0]);
      lasting.end();
      if (answer.status === 503) answer = await logIn(ids[0]);
      assert.equal(answer.status, 200, `${lost} ${after}`);
      const sent = decide(answer.body.id).set('X-User', 'alice');
      assert.ok(redirected(await sent.expect(303))['code'], `${lost} ${after}`);
    }
  });
});

onEveryStore('ephemeralStore(): take', (place) => {
  it('that fails has not taken the value in the end; of those who take it then, one gets it', async () => {
    const { store, broken } = breakableStore(place().open());
    const values = ephemeralStore(store);
    const far = Date.now() / 1000 + 600;
    for (const how of ['is lost', 'rejects'] as const) {
      await values.add(how, 'a value', far);
      broken.set('consume', how);
      await assert.rejects(async () => values.take(how));
      broken.clear();
      assert.equal(await values.get(how), 'a value');
      const taken = await Promise.all([values.take(how), values.take(how), values.take(how)]);
      assert.deepEqual(taken.filter(Boolean), ['a value']);
      assert.equal(await values.get(how), undefined);
      await pause(ATTEMPT);
      assert.deepEqual([await values.get(how), await values.take(how)], [undefined, undefined]);
      assert.equal(await values.add(how, 'another', far), false);
    }
  });
});

describe('ephemeralStore(): take', () => {
  it('whose value could not be given back at once: no answer is given while a late removal could make the value usable twice', async () => {
    const { store, broken } = breakableStore();
    const values = ephemeralStore(store);
    await values.add('key', 'a value', Date.now() / 1000 + 600);
    broken.set('consume', 'is lost').set('remove', 'is lost');
    await assert.rejects(async () => values.take('key'));
    await assert.rejects(async () => values.get('key'), /on fire/);
    broken.clear();
    await assert.rejects(async () => values.get('key'), /may still happen/);
    const { now } = performance;
    performance.now = () => now.call(performance) + 11_000;
    try {
      assert.equal(await values.take('key'), 'a value');
      assert.equal(await values.take('key'), undefined);
    } finally {
      performance.now = now;
    }
  });
});

describe('a stored dialog whose removal takes effect after its error', () => {
  const decisions = { denied: { cancel: '1' }, allowed: {} };
  for (const [how, decision] of Object.entries(decisions))
    it(`waits once: what was ${how} in one process cannot be allowed in another one`, async () => {
      const shared = memoryStore();
      const { store, arm } = consumedLate(shared);
      const [one, other] = [browser(storing(store)), browser(storing(shared))];
      const dialog = await one.authorize();
      other.agent.set('Cookie', cookiesIn(dialog));
      const id = dialog.body.transactionID;
      arm();
      assertErrorHere(await one.decide(id, decision), 503, 'temporarily_unavailable');
      await pause(ATTEMPT);
      const given = redirected(await one.decide(id, decision).expect(303));
      const again = await other.decide(id, {});
      if (again.status === 303) assert.deepEqual(redirected(again), given);
      else assertErrorHere(again, 403, 'access_denied');
    });
});

/** A promise, and the function that fulfils it. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('a stored dialog whose removal failed, and is undone at once', () => {
  it('waits once if another process takes it at this moment: it is not stored again', async () => {
    const shared = memoryStore();
    const [isTaken, mayKeep] = [gate(), gate()];
    let consumed = 0;
    let [id, allowed] = ['', undefined as Promise<Response> | undefined];
    const failing = watched(async (method, _args, call) => {
      if (method === 'list' && consumed === 2) {
        consumed++;
        allowed = other.decide(id, {}).then((response) => response);
        await isTaken.opened;
      }
      const result = await call();
      if (method === 'consume' && ++consumed === 1) throw new Error('the connection was lost');
      return result;
    }, shared);
    let hasTaken = false;
    const slow = watched(async (method, _args, call) => {
      if (hasTaken) await mayKeep.opened; // the answer is not kept yet
      const result = await call();
      if (method === 'consume') {
        hasTaken = true;
        isTaken.open();
      }
      return result;
    }, shared);
    const [one, other, third] = [browser(storing(failing)), browser(storing(slow)), browser(storing(shared))];
    const dialog = await one.authorize();
    for (const { agent } of [other, third]) agent.set('Cookie', cookiesIn(dialog));
    id = dialog.body.transactionID;
    assertErrorHere(await one.decide(id, { cancel: '1' }), 503, 'temporarily_unavailable');
    mayKeep.open();
    await pause(ATTEMPT);
    const sent = allowed ?? other.decide(id, {}); // where nothing reads the dialog after the failure, it is put back a second later
    assert.ok(redirected(await sent)['code']);
    assertErrorHere(await third.decide(id, { cancel: '1' }), 403, 'access_denied');
  });
});

describe('a change that a store fails to undo', () => {
  for (const [most, rounds] of [
    [1, 1],
    [3, 2],
  ] as const)
    it(`does not keep other dialogs from being put back for other processes: ${most} of them`, async () => {
      const shared = memoryStore();
      const refused = new Set<string>();
      const refusing = watched(async (method, args, call) => {
        const [id, { next = [] } = {}] = args as [string, { readonly next?: readonly { readonly id: string }[] }?];
        if (method === 'consume' && refused.has(id)) throw new Error('this record is refused');
        const [emptied] = next;
        if (method === 'consume' && emptied && refused.size < most) refused.add(emptied.id); // of the first dialogs, once they were removed
        return call();
      }, shared);
      const { store, begin, end } = outage(refusing);
      const app = storing(store);
      const dialogs = [];
      for (let opened = 0; opened < most + 2; opened++) {
        const visitor = browser(app);
        dialogs.push({ visitor, dialog: await visitor.authorize() });
      }
      for (const { visitor, dialog } of dialogs) {
        begin('consume');
        assertErrorHere(await visitor.decide(dialog.body.transactionID, {}), 503, 'temporarily_unavailable');
        end();
      }
      await pause(rounds * ATTEMPT);
      for (const { dialog } of dialogs.slice(most)) {
        const other = browser(storing(shared));
        other.agent.set('Cookie', cookiesIn(dialog));
        assert.ok(redirected(await other.decide(dialog.body.transactionID, {}).expect(303))['code']);
      }
    });

  it('is tried a few times in a round, and not once for each of the others: the store may be away', async () => {
    let [isDown, calls] = [false, 0];
    const counted = watched((method, _args, call) => {
      if (!isDown || method !== 'consume') return call();
      calls++;
      return Promise.reject(new Error('the database takes no changes'));
    }, memoryStore());
    const app = storing(counted);
    const dialogs = [];
    for (let opened = 0; opened < 10; opened++) {
      const visitor = browser(app);
      dialogs.push({ visitor, dialog: await visitor.authorize() });
    }
    isDown = true;
    const lose = dialogs.map(({ visitor, dialog }) => visitor.decide(dialog.body.transactionID, {}));
    for (const answer of await Promise.all(lose)) assertErrorHere(answer, 503, 'temporarily_unavailable');
    calls = 0;
    await pause(ATTEMPT);
    assert.ok(calls > 0 && calls < dialogs.length, `${calls} calls in one round`);
  });
});
