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

/** The same as the session has it. */
const kept = (at: number): object => {
  const { protocol: _, req, ...rest } = record(at);
  const { clientID: __, ...asked } = req;
  return { ...rest, req: asked };
};

const contextWith = (session: object | null | undefined) => ({ session, get: () => '' }) as unknown as Context;
const store = sessionTransactions();
const waiting = (session: object) => Object.keys((session as { authorize?: object }).authorize ?? {});

describe('transaction/session', () => {
  for (const none of [{}, { redirectURI: null }, { redirectURI: '' }]) {
    it(`a record of others with ${JSON.stringify(none)} has no redirect URI, and not the one that was asked for`, async () => {
      const { redirectURI: _, ...rest } = record(1);
      const others = { ...rest, ...none, req: { ...rest.req, redirectURI: 'https://evil.example/' } };
      const loaded = await store.load(contextWith({ authorize: { a: others } }), 'a', KEY);
      assert.equal(loaded?.redirectURI, '');
    });
  }

  it('a record whose redirect URI nobody allowed does not get the one that was asked for', async () => {
    const session = {};
    const req = { ...record(1).req, redirectURI: 'https://evil.example/' };
    await store.store(contextWith(session), 'a', { ...record(1), redirectURI: undefined as never, req }, KEY);
    const sent = JSON.parse(JSON.stringify(session));
    assert.equal((await store.load(contextWith(sent), 'a', KEY))?.redirectURI, '');
  });

  it('what is no record is none', async () => {
    for (const a of ['text', 7, {}, { client: 'client' }, { req: null }])
      assert.equal(await store.load(contextWith({ authorize: { a } }), 'a', KEY), undefined, JSON.stringify(a));
  });

  it('of sessions on the server, what concurrent requests share is bounded in size: a stranger begins many, and makes each large', async () => {
    const storeIn = async (externalKey: string, id: string, state?: string) => {
      const session = { externalKey }; // a copy from before the other requests
      await store.store(contextWith(session), id, record(1, state), KEY);
      return waiting(session);
    };
    for (const [size, isForgotten] of [
      [10, false],
      [50_000, true],
    ] as const) {
      const own = `own ${size}`;
      await storeIn(own, 'a');
      for (let other = 0; other < 400; other++) await storeIn(`${size} ${other}`, 'x', 's'.repeat(size));
      assert.deepEqual(await storeIn(own, 'b'), isForgotten ? ['b'] : ['a', 'b']);
    }
  });

  it('stores, loads, updates, removes', async () => {
    const session = {};
    const ctx = contextWith(session);
    await store.store(ctx, 'a', record(1), KEY);
    assert.deepEqual(await store.load(ctx, 'a', KEY), record(1));
    await store.update(ctx, 'a', record(2), KEY);
    assert.deepEqual(await store.load(ctx, 'a', KEY), record(2));
    assert.deepEqual(JSON.parse(JSON.stringify(session)), { authorize: { a: kept(2) } });
    assert.equal(await store.remove(ctx, 'a', KEY), true);
    assert.equal(await store.remove(ctx, 'a', KEY), false);
    assert.equal(await store.load(ctx, 'a', KEY), undefined);
  });

  for (const redirectURI of ['https://client.example/cb', 'https://client.example/other', '', undefined]) {
    it(`gives back what it was given, where the request has the redirect URI ${JSON.stringify(redirectURI)}`, async () => {
      const whole: TransactionRecord = {
        ...record(1),
        req: { type: 'code', clientID: 'client', redirectURI },
        webOrigin: 'https://client.example',
        info: { theme: 'dark' },
        done: ['login'],
        subject: 'alice',
        server: 'first',
      };
      const session: { authorize?: Record<string, object> } = {};
      await store.store(contextWith(session), 'a', whole, KEY);
      const sent = JSON.parse(JSON.stringify(session));
      assert.deepEqual(await store.load(contextWith(sent), 'a', KEY), JSON.parse(JSON.stringify(whole)));
      assert.equal('redirectURI' in sent.authorize.a, redirectURI !== whole.redirectURI, 'twice the same is kept once');
    });
  }

  for (const [what, members] of [
    ['a client that is not kept by its identifier', { client: { id: 'client' } }],
    ['a client that is kept by a number', { client: 7, req: { type: 'code', clientID: '7' } }],
    ['no redirect URI, as a response by hand may have it', { redirectURI: '' }],
  ] as const) {
    it(`gives back what it was given: ${what}`, async () => {
      const whole: TransactionRecord = { ...record(1), ...members };
      const session = {};
      await store.store(contextWith(session), 'a', whole, KEY);
      assert.deepEqual(await store.load(contextWith(JSON.parse(JSON.stringify(session))), 'a', KEY), whole);
    });
  }

  it('loads a record with every member, as oauth2orize-koa and koauthorize 0.1 wrote it', async () => {
    const session = { authorize: { a: record(1) } };
    assert.deepEqual(await store.load(contextWith(session), 'a', KEY), record(1));
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
      assert.deepEqual(JSON.parse(JSON.stringify(session)), { authorize: { a: kept(1) } });
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
