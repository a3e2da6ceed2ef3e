/** What breaks on purpose: the client gets an answer, never a hang and never half a pair; the operator gets the cause. */
import assert from 'node:assert/strict';
import type { Consumption, StoredRecord } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { browser, CLIENT, redirected } from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { type TokenServer, tokenServer, WORKER } from '../support/token-server.js';
import { type Break, breakableStore, type Method, recordingStore, watched } from '../support/token-store.js';

const TIMEOUT = 0.03;
const ALICE = { id: 'alice', name: '' };
const BREAKS: readonly Break[] = ['rejects', 'throws', 'hangs', 'rejects late', 'is lost'];

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** RFC 9110 §10.2.3, RFC 7009 §2.2.1. */
function assertTryLater(response: Answer): void {
  assertErrorHere(response, 503, 'temporarily_unavailable');
  assert.match(response.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  assert.doesNotMatch(response.text, /fire|internal|store/i);
}

function breakableServer(tokens: object = {}) {
  const { store, broken, cause } = breakableStore();
  const server = tokenServer({ tokens: { store, timeout: TIMEOUT, ...tokens } });
  return { ...server, broken, cause };
}

/** Of each authorization of alice's that counts, what lives longest. */
async function live({ store, clock }: TokenServer): Promise<readonly string[]> {
  return (await store.list('alice', clock.now)).map(({ kind }) => kind).sort();
}

const PAIR = ['refresh_token'];

interface Step {
  readonly title: string;
  readonly method: Method;
  /** All that goes before; then what is broken is asked for. */
  prepare(server: TokenServer): Promise<() => PromiseLike<Answer>>;
  /** What is so once the store is well again. */
  after(server: TokenServer, ask: () => PromiseLike<Answer>, how: Break): Promise<void>;
}

const STEPS: readonly Step[] = [
  {
    title: 'redeeming a code',
    method: 'consume',
    async prepare({ authorize, redeem }) {
      const code = await authorize();
      return () => redeem(code);
    },
    async after(server, ask, how) {
      assert.deepEqual(await live(server), how === 'is lost' ? PAIR : ['code']);
      assert.equal((await ask()).status, how === 'is lost' ? 400 : 200);
      assert.deepEqual(await live(server), how === 'is lost' ? [] : PAIR, 'what nobody was given ends');
      const replays = server.events.filter(({ name }) => name === 'replayDetected');
      assert.deepEqual(replays, [], 'a client that does as it was told is no thief');
    },
  },
  {
    title: 'ending what came from a replayed code',
    method: 'revoke',
    async prepare({ authorize, redeem }) {
      const code = await authorize();
      await redeem(code).expect(200);
      return () => redeem(code);
    },
    async after(server, ask) {
      assertErrorHere(await ask(), 400, 'invalid_grant');
      assert.deepEqual(await live(server), []);
    },
  },
  {
    title: 'looking a refresh token up',
    method: 'get',
    async prepare({ connect, refresh }) {
      const { refresh_token } = await connect();
      return () => refresh(refresh_token);
    },
    async after(server, ask) {
      assert.deepEqual(await live(server), PAIR);
      assert.equal((await ask()).status, 200);
    },
  },
  {
    title: 'rotating a refresh token',
    method: 'consume',
    async prepare({ connect, refresh }) {
      const { refresh_token } = await connect();
      return () => refresh(refresh_token);
    },
    async after(server, ask) {
      assert.deepEqual(await live(server), PAIR);
      const { status, body } = await ask(); // within the grace window, and with what was stored then
      assert.equal(status, 200);
      assert.deepEqual(await live(server), PAIR);
      assert.equal(await server.isActive(String(body['access_token'])), true);
      assert.equal(await server.isActive(String(body['refresh_token'])), true);
    },
  },
  {
    title: 'ending the family of a re-used refresh token',
    method: 'revoke',
    async prepare({ connect, refresh, clock }) {
      const { refresh_token } = await connect();
      await refresh(refresh_token).expect(200);
      clock.now += 60;
      return () => refresh(refresh_token);
    },
    async after(server, ask) {
      assertErrorHere(await ask(), 400, 'invalid_grant');
      assert.deepEqual(await live(server), []);
    },
  },
  {
    title: 'storing an access token for a client',
    method: 'put',
    prepare:
      async ({ request }) =>
      () =>
        request({ grant_type: 'client_credentials' }, WORKER),
    after: async (_, ask) => assert.equal((await ask()).status, 200),
  },
  {
    title: 'introspection',
    method: 'get',
    async prepare({ connect, introspect }) {
      const { access_token } = await connect();
      return () => introspect(access_token);
    },
    after: async (_, ask) => assert.equal((await ask()).body['active'], true),
  },
  ...(['access_token', 'refresh_token'] as const).flatMap((kind) =>
    (['get', kind === 'access_token' ? 'remove' : 'revoke'] as const).map(
      (method): Step => ({
        title: `revocation of ${kind}`,
        method,
        async prepare({ connect, revoke }) {
          const token = (await connect())[kind];
          return () => revoke(token);
        },
        async after(server, ask) {
          assert.equal((await ask()).status, 200);
          assert.deepEqual(await live(server), kind === 'access_token' ? ['refresh_token'] : []);
        },
      }),
    ),
  ),
];

describe('token service: faults', () => {
  for (const { title, method, prepare, after } of STEPS) {
    for (const how of BREAKS) {
      it(`${title}: ${method} ${how}`, async () => {
        const server = breakableServer();
        const ask = await prepare(server);
        server.broken.set(method, how);
        assertTryLater(await ask());
        const [error, ...more] = server.errors;
        assert.deepEqual(more, []);
        assert.equal(error?.name, 'StoreUnavailableError');
        if (how === 'hangs' || how === 'rejects late') assert.match(error.message, /did not answer within/);
        else assert.equal(error.cause, server.cause);
        server.broken.clear();
        await after(server, ask, how);
      });
    }
  }

  for (const how of BREAKS) {
    it(`storing a code: put ${how}: who decides is told to try again, and then the dialog counts`, async () => {
      const { app, broken, errors } = breakableServer();
      broken.set('put', how);
      const { authorize, decide } = browser(app);
      const { transactionID } = (await authorize()).body;
      assertTryLater(await decide(transactionID));
      assert.equal(errors[0]?.name, 'StoreUnavailableError');
      broken.clear();
      assert.match(redirected(await decide(transactionID))['code'] ?? '', /^[\w-]{47}$/);
    });

    it(`connected apps and verify: the application is told, ${how}`, async () => {
      const { connect, tokens, broken } = breakableServer();
      const { access_token } = await connect();
      for (const method of ['get', 'list'] as const) broken.set(method, how);
      const unavailable = { name: 'StoreUnavailableError', status: 503 };
      await assert.rejects(tokens.verify(access_token), unavailable);
      await assert.rejects(tokens.listAuthorizations(ALICE), unavailable);
      await assert.rejects(tokens.revokeAuthorization(ALICE, 'x'), unavailable);
    });
  }

  it('a store is told for how long it is waited for, whenever it is given something', async () => {
    const { store, calls } = recordingStore();
    const { connect, refresh } = tokenServer({ tokens: { store, timeout: 3 } });
    await refresh((await connect()).refresh_token).expect(200);
    const told = calls.flatMap(({ method, args }) => {
      if (method === 'put') return [args[2]];
      return method === 'consume' ? [(args[1] as Consumption).within] : [];
    });
    assert.deepEqual(told, [3, 3, 3]);
  });

  it('says when to try again, where the store knows', async () => {
    const full = memoryStore({ max: 0 });
    const { request, errors } = tokenServer({ tokens: { store: full } });
    const response = await request({ grant_type: 'client_credentials' });
    assertTryLater(response);
    assert.match(String(errors[0]), /memory store is full/);
  });

  it('a full memory store: 503 for what is new, and what was handed out stays good', async () => {
    const server = tokenServer({ tokens: { store: memoryStore({ max: 4 }) } });
    const { connect, refresh, request, clock, isActive, app } = server;
    const { access_token, refresh_token } = await connect();
    assertTryLater(await request({ grant_type: 'client_credentials' }));
    assertTryLater(await refresh(refresh_token));
    const { authorize, decide } = browser(app);
    assertTryLater(await decide((await authorize()).body.transactionID));
    assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [true, true]);
    clock.now += 3600; // the spent code and the access token have ended
    const { body } = await refresh(refresh_token).expect(200);
    assert.equal(await isActive(body.refresh_token), true);
  });

  it('a process that ends between redeem and issue: nothing counts, and the code is spent', async () => {
    const { store, broken } = breakableStore();
    const dying = tokenServer({ tokens: { store, timeout: TIMEOUT } });
    const code = await dying.authorize();
    broken.set('put', 'hangs');
    await dying.redeem(code);
    broken.clear();
    const next = tokenServer({ tokens: { store } });
    assertErrorHere(await next.redeem(code), 400, 'invalid_grant');
    assert.deepEqual(await live(next), []);
  });

  it('a process that ends before its answer is sent: the client asks the next one, and gets the answer', async () => {
    const { store, broken } = breakableStore();
    const dying = tokenServer({ tokens: { store, timeout: TIMEOUT } });
    const { refresh_token } = await dying.connect();
    broken.set('consume', 'is lost');
    assertTryLater(await dying.refresh(refresh_token));
    broken.clear();
    const next = tokenServer({ tokens: { store } });
    const { body } = await next.refresh(refresh_token).expect(200);
    assert.equal(await next.isActive(body.refresh_token), true);
    next.clock.now += 60;
    assertErrorHere(await next.refresh(refresh_token), 400, 'invalid_grant');
    assert.deepEqual(await live(next), []);
  });

  it('a clock that steps back makes no spent code good again', async () => {
    const { authorize, redeem, clock, isActive } = tokenServer();
    const code = await authorize();
    clock.now -= 20;
    const { access_token } = (await redeem(code).expect(200)).body;
    clock.now -= 3600;
    assertErrorHere(await redeem(code), 400, 'invalid_grant');
    assert.equal(await isActive(access_token), false);
  });

  describe('a corrupted record: server_error, and nothing is handed out', () => {
    const authorization = {
      clientID: 'client',
      redirectURI: 'https://client.example/callback',
      scope: ['read'],
      request: { type: 'code', clientID: 'client' },
    };
    const authorizedAt = 1_767_225_600;
    const damages: readonly [what: string, data: unknown][] = [
      ['nothing', undefined],
      ['null', null],
      ['a text', 'corrupt'],
      ['a number', 7],
      ['a list', []],
      ['an empty object', {}],
      ['no authorization', { authorizedAt }],
      ['no time', { authorization }],
      ['a time that is text', { authorization, authorizedAt: String(authorizedAt) }],
      ['an empty authorization', { authorization: {}, authorizedAt }],
      ["another client's", { authorization: { ...authorization, clientID: 'other' }, authorizedAt }],
      ['no redirect URI', { authorization: { ...authorization, redirectURI: undefined }, authorizedAt }],
      ['no scope', { authorization: { ...authorization, scope: undefined }, authorizedAt }],
      ['a scope that is text', { authorization: { ...authorization, scope: 'read write' }, authorizedAt }],
      ['no request', { authorization: { ...authorization, request: undefined }, authorizedAt }],
      ['a request that is null', { authorization: { ...authorization, request: null }, authorizedAt }],
    ];
    const damaged = (data: unknown) => {
      const state = { on: false };
      const damage = (record: StoredRecord): StoredRecord => (state.on ? { ...record, data } : record);
      const store = watched(async (method, _args, call) => {
        const found = (await call()) as never;
        if (method === 'get' && found) return damage(found);
        if (method === 'consume' && found) return { ...(found as object), record: damage(found['record']) };
        if (method === 'list') return (found as StoredRecord[]).map(damage);
        return found;
      });
      return { state, store };
    };
    for (const [what, data] of damages) {
      it(what, async () => {
        const { state, store } = damaged(data);
        const server = tokenServer({ tokens: { store } });
        const { authorize, redeem, connect, refresh, introspect, tokens, errors, revoke } = server;
        const code = await authorize();
        const { access_token, refresh_token } = await connect();
        state.on = true;
        const responses = [
          await redeem(code),
          await refresh(refresh_token),
          await refresh(refresh_token, { scope: 'rea' }),
          await introspect(access_token),
        ];
        for (const response of responses) assertErrorHere(response, 500, 'server_error');
        assert.equal(errors.length, responses.length);
        for (const error of errors) assert.match(error.message, /cannot be read/);
        await assert.rejects(tokens.verify(access_token), /cannot be read/);
        await assert.rejects(tokens.listAuthorizations(ALICE), /cannot be read/);
        // what cannot be read can be ended all the same
        await revoke(refresh_token).expect(200);
        assert.equal(await tokens.verify(access_token), undefined);
      });
    }

    for (const data of [{ issuedAt: authorizedAt }, { scope: ['read'] }, { scope: 'read', issuedAt: authorizedAt }]) {
      it(`an access token's: ${JSON.stringify(data)}`, async () => {
        const { state, store } = damaged(data);
        const { connect, introspect, tokens } = tokenServer({ tokens: { store } });
        const { access_token } = await connect();
        state.on = true;
        assertErrorHere(await introspect(access_token), 500, 'server_error');
        await assert.rejects(tokens.verify(access_token), /cannot be read/);
      });
    }

    it('can be taken back by its user', async () => {
      const { state, store } = damaged({});
      const { connect, tokens } = tokenServer({ tokens: { store } });
      const { access_token } = await connect();
      const [app] = await tokens.listAuthorizations(ALICE);
      state.on = true;
      assert.equal(await tokens.revokeAuthorization(ALICE, app?.authorizationID ?? ''), true);
      assert.equal(await tokens.verify(access_token), undefined);
    });

    for (const seal of ['', 'corrupt', 'A'.repeat(200)]) {
      it(`a seal that does not open: ${seal.slice(0, 10)}`, async () => {
        const store = watched(async (method, _args, call) => {
          const found = (await call()) as { first?: boolean; record?: object } | undefined;
          return method === 'consume' && found?.first === false
            ? { ...found, record: { ...found.record, seal } }
            : found;
        });
        const { connect, refresh, isActive } = tokenServer({ tokens: { store } });
        const { refresh_token } = await connect();
        const { body } = await refresh(refresh_token).expect(200);
        assertErrorHere(await refresh(refresh_token), 500, 'server_error');
        assert.equal(await isActive(body.refresh_token), true);
      });
    }
  });
});

describe('RFC 9110 §10.2.3: Retry-After', () => {
  const rows: readonly [retryAfter: unknown, header: string | undefined][] = [
    [1, '1'],
    [0, '0'],
    [1.2, '2'],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ['5', undefined],
    ['5\r\nX-Evil: 1', undefined],
    [undefined, undefined],
    [null, undefined],
  ];
  for (const [retryAfter, header] of rows) {
    it(`${JSON.stringify(retryAfter)}: ${header}`, async () => {
      const thrown = Object.assign(new Error('of the database'), { status: 503, retryAfter });
      const { request } = tokenServer({
        clients: [CLIENT],
        tokens: {
          clientScope: () => {
            throw thrown;
          },
        },
      });
      const response = await request({ grant_type: 'client_credentials' });
      assertErrorHere(response, 503, 'temporarily_unavailable');
      assertNoStore(response);
      assert.equal(response.headers['retry-after'], header);
    });
  }
});

describe('token service: a store that breaks while it lists the records of a client', () => {
  it('says so: whoever ends all that a client was allowed must not believe that all has ended', async () => {
    const { store } = breakableStore();
    const server = tokenServer({
      tokens: {
        store: {
          ...store,
          async *listByClient(clientID, now) {
            for await (const record of store.listByClient(clientID, now)) {
              yield record;
              throw new Error('the connection is gone');
            }
          },
        },
      },
    });
    for (let time = 0; time < 2; time++) await server.connect();
    await assert.rejects(server.tokens.revokeAll({ client: CLIENT }), { name: 'StoreUnavailableError' });
  });
});
