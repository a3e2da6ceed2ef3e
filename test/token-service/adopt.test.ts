/** Refresh tokens that another library issued: honoured once, and ours from then on. RFC 6749 §6, RFC 9700 §4.14.2. */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { type AdoptedToken, memoryStore, type TokenServiceOptions, type TokenStore } from 'koauthorize/tokens';
import type request from 'supertest';
import { type App, CLIENT, OTHER, type User } from '../support/authorization-server.js';
import { onEveryStore, twoOver } from '../support/every-store.js';
import { assertErrorHere } from '../support/form.js';
import { tokenServer } from '../support/token-server.js';
import { breakableStore, recordingStore } from '../support/token-store.js';

const DAY = 24 * 60 * 60;
const OLD = 'an old token of another library, in a form of its own: {"a":1}/+=';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Setup {
  readonly store?: TokenStore;
  readonly said?: Partial<AdoptedToken<User>>;
  readonly old?: string;
  readonly more?: Partial<TokenServiceOptions<App, User>>;
}

/** A server that came over: the table of the other library has one token, by its hash. */
function cameOver({ store = memoryStore(), said = {}, old = OLD, more = {} }: Setup = {}) {
  const asked: string[] = [];
  const table = new Map<string, AdoptedToken<User>>();
  const server = tokenServer({
    tokens: {
      store,
      async adopt(token) {
        asked.push(token);
        await new Promise((resolve) => setImmediate(resolve)); // others come meanwhile
        return table.get(hashOf(token));
      },
      ...more,
    },
  });
  table.set(hashOf(old), {
    clientID: CLIENT.client_id,
    subject: 'alice',
    scope: ['read', 'write'],
    expiresAt: server.clock.now + 30 * DAY,
    ...said,
  });
  return { ...server, asked, table };
}

const isRefused = (answer: request.Response): void => assertErrorHere(answer, 400, 'invalid_grant');

describe('token service: refresh tokens of another library', () => {
  it('are unknown where nobody says what they stand for', async () => {
    const { refresh } = tokenServer();
    isRefused(await refresh(OLD));
  });

  it('are replaced by one of ours, which is refreshed as ours are, and the library is not asked again', async () => {
    const { refresh, isActive, tokens, asked } = cameOver();
    const first = (await refresh(OLD).expect(200)).body;
    assert.equal(first.scope, 'read write');
    const { subject, clientID } = (await tokens.verify(first.access_token)) ?? {};
    assert.deepEqual([subject, clientID], ['alice', CLIENT.client_id]);
    const second = (await refresh(first.refresh_token).expect(200)).body;
    assert.equal(await isActive(second.refresh_token), true);
    assert.deepEqual(asked, [OLD]);
  });

  it('that look like ours are asked about where ours are not known by that name', async () => {
    const old = `abcr${'x'.repeat(43)}`;
    const { refresh, asked } = cameOver({ old });
    const { refresh_token } = (await refresh(old).expect(200)).body;
    await refresh(refresh_token).expect(200);
    assert.deepEqual(asked, [old]);
  });

  it('50 at once get one and the same successor, of one family', async () => {
    const { refresh, store, clock } = cameOver();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(OLD)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
    assert.equal((await store.list('alice', clock.now)).length, 1);
  });

  it('one that another process takes over between two looks at the store gets the same successor', async () => {
    const { store } = breakableStore();
    const other = cameOver({ store });
    let answer: Promise<request.Response> | undefined;
    const late: TokenStore = {
      ...store,
      async get(id, now) {
        const record = await store.get(id, now);
        answer ??= other.refresh(OLD).then();
        await answer;
        return record;
      },
    };
    const { status, body } = await cameOver({ store: late }).refresh(OLD);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.refresh_token, (await answer)?.body.refresh_token);
  });

  it('a lost answer is given again within the grace window', async () => {
    const { refresh, clock } = cameOver();
    const { body } = await refresh(OLD).expect(200);
    clock.now += 10;
    assert.equal((await refresh(OLD).expect(200)).body.refresh_token, body.refresh_token);
  });

  it('a later second use revokes all tokens that came from it, however often they were refreshed', async () => {
    for (const later of [11, DAY, 29 * DAY]) {
      const { refresh, isActive, clock, events } = cameOver();
      const first = (await refresh(OLD).expect(200)).body;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      clock.now += later;
      isRefused(await refresh(OLD));
      assert.equal(await isActive(second.refresh_token), false, `${later}`);
      assert.ok(events.some(({ name, event }) => name === 'replayDetected' && event['subject'] === 'alice'));
      isRefused(await refresh(OLD));
    }
  });

  it('a token of another client is refused, is not spent, and nothing is stored', async () => {
    const { store, calls } = recordingStore();
    const { refresh } = cameOver({ store });
    isRefused(await refresh(OLD, {}, OTHER));
    assert.equal(calls.filter(({ method }) => method === 'put').length, 0);
    await refresh(OLD).expect(200);
  });

  it('from another client after it was spent ends nothing', async () => {
    const { refresh, isActive, clock } = cameOver();
    const { body } = await refresh(OLD).expect(200);
    clock.now += DAY;
    isRefused(await refresh(OLD, {}, OTHER));
    assert.equal(await isActive(body.refresh_token), true);
  });

  it('that are unknown, or have expired, are refused', async () => {
    const { refresh, table, clock } = cameOver();
    isRefused(await refresh('another'));
    clock.now += 30 * DAY;
    isRefused(await refresh(OLD));
    for (const nothing of [undefined, null, false] as const) {
      table.clear();
      const { refresh: ask } = cameOver({ more: { adopt: () => nothing } });
      isRefused(await ask(OLD));
    }
  });

  it('whose authorization is older than authorizations live are refused, and their successors live no longer', async () => {
    const lifetimes = { authorization: 10 * DAY, refreshToken: 30 * DAY };
    const start = tokenServer().clock.now;
    const old = cameOver({ said: { authorizedAt: start - 10 * DAY }, more: { lifetimes } });
    isRefused(await old.refresh(OLD));
    const { refresh, clock } = cameOver({ said: { authorizedAt: start - 9 * DAY }, more: { lifetimes } });
    const { refresh_token } = (await refresh(OLD).expect(200)).body;
    clock.now += DAY;
    isRefused(await refresh(refresh_token));
  });

  it('one without a beginning begins when it is first presented, and does not begin again when that has ended', async () => {
    const more = { lifetimes: { authorization: 10 * DAY } };
    const { refresh, clock } = cameOver({ said: { expiresAt: tokenServer().clock.now + 300 * DAY }, more });
    await refresh(OLD).expect(200);
    clock.now += 11 * DAY;
    isRefused(await refresh(OLD));
  });

  it('a beginning that is to come counts as now', async () => {
    const lifetimes = { authorization: 10 * DAY, refreshToken: 30 * DAY };
    const { refresh, clock } = cameOver({
      said: { authorizedAt: tokenServer().clock.now + 9 * DAY },
      more: { lifetimes },
    });
    const { refresh_token } = (await refresh(OLD).expect(200)).body;
    clock.now += 10 * DAY;
    isRefused(await refresh(refresh_token));
  });

  it('RFC 6749 §A.14 times with milliseconds, as other libraries have them, give whole seconds', async () => {
    const start = tokenServer().clock.now;
    const { refresh, introspect } = cameOver({
      said: { authorizedAt: start - 10 * DAY + 600.25, expiresAt: start + 700.75 },
      more: { lifetimes: { authorization: 10 * DAY, accessToken: 3600 } },
    });
    const { expires_in, access_token, refresh_token } = (await refresh(OLD).expect(200)).body;
    assert.equal(expires_in, 600);
    for (const token of [access_token, refresh_token])
      assert.equal((await introspect(token).expect(200)).body.exp, start + 600);
  });

  it('of one that has expired nothing is stored', async () => {
    const { store, calls } = recordingStore();
    const { refresh } = cameOver({ store, said: { expiresAt: tokenServer().clock.now } });
    isRefused(await refresh(OLD));
    assert.equal(calls.filter(({ method }) => method === 'put').length, 0);
  });

  it('one that was presented, and not spent, ends with the login that it was made in', async () => {
    const { refresh, tokens } = cameOver({ said: { authentication: { sessionID: 'a-session' } } });
    assertErrorHere(await refresh(OLD, { scope: 'admin' }), 400, 'invalid_scope');
    const session = await tokens.allowedInSession({ subject: 'alice', sessionID: 'a-session' });
    assert.deepEqual(session.clientIDs, [CLIENT.client_id]);
    await session.end();
    isRefused(await refresh(OLD));
  });

  it('a request that is refused leaves it unspent', async () => {
    const { refresh } = cameOver();
    assertErrorHere(await refresh(OLD, { scope: 'read admin' }), 400, 'invalid_scope');
    assert.equal((await refresh(OLD, { scope: 'read' }).expect(200)).body.scope, 'read');
  });

  it('after the user has revoked it, it is not taken over again, although the library still reports it as valid', async () => {
    const { refresh, tokens, clock } = cameOver({ said: { expiresAt: tokenServer().clock.now + 300 * DAY } });
    const { access_token } = (await refresh(OLD).expect(200)).body;
    const [app] = await tokens.listAuthorizations({ id: 'alice' } as User);
    assert.equal(await tokens.revokeAuthorization({ id: 'alice' } as User, app?.authorizationID ?? ''), true);
    assert.equal(await tokens.verify(access_token), undefined);
    isRefused(await refresh(OLD));
    clock.now += 100 * DAY; // the store has forgotten the revocation
    isRefused(await refresh(OLD));
  });

  it('disconnected before it was refreshed, but presented, it is over, too', async () => {
    const { refresh, tokens } = cameOver();
    assertErrorHere(await refresh(OLD, { scope: 'admin' }), 400, 'invalid_scope');
    assert.equal(await tokens.revokeAll({ user: { id: 'alice' } as User }), 1);
    isRefused(await refresh(OLD));
  });

  it('RFC 7009 §2.1 its client can revoke it before it was ever used, and no other client can', async () => {
    const { refresh, revoke, clock } = cameOver({ said: { expiresAt: tokenServer().clock.now + 300 * DAY } });
    await revoke(OLD, OTHER).expect(200);
    await refresh(OLD).expect(200);
    const {
      refresh: again,
      revoke: end,
      clock: later,
    } = cameOver({
      said: { expiresAt: clock.now + 300 * DAY },
    });
    await end(OLD).expect(200);
    isRefused(await again(OLD));
    later.now += 100 * DAY;
    isRefused(await again(OLD));
  });

  it('the token is stored nowhere: neither itself, nor a hash that the other library may have kept', async () => {
    const { store, calls } = recordingStore();
    const { refresh } = cameOver({ store });
    await refresh(OLD).expect(200);
    const stored = JSON.stringify(calls);
    const digest = createHash('sha256').update(OLD);
    assert.equal(stored.includes('of another library'), false);
    assert.equal(stored.includes(digest.copy().digest('hex')), false);
    assert.equal(stored.includes(digest.digest('base64url')), false);
  });

  it('a client that does not rotate keeps it, until it ends', async () => {
    const { refresh, clock } = cameOver({ more: { rotate: () => false } });
    for (const days of [0, 1, 28]) {
      clock.now += days * DAY;
      const { refresh_token, access_token } = (await refresh(OLD).expect(200)).body;
      assert.deepEqual([refresh_token, typeof access_token], [undefined, 'string']);
    }
    clock.now += DAY;
    isRefused(await refresh(OLD));
  });

  it('what the application says further is carried on: the user’s name, APIs, and notes', async () => {
    const { refresh, tokens } = cameOver({
      said: {
        subject: undefined,
        user: { id: 'alice' } as User,
        audience: ['https://api.example'],
        notes: { plan: 'old' },
      },
      more: { username: ({ id }) => `the user ${id}` },
    });
    const first = (await refresh(OLD).expect(200)).body;
    const { access_token } = (await refresh(first.refresh_token).expect(200)).body;
    const { username, audience, notes } = (await tokens.verify(access_token)) ?? {};
    assert.deepEqual([username, audience, notes], ['the user alice', ['https://api.example'], { plan: 'old' }]);
  });

  const wrong: Readonly<Record<string, Partial<AdoptedToken<User>>>> = {
    'no client': { clientID: '' },
    'no user': { subject: undefined },
    'a user and a subject': { user: { id: 'alice' } as User },
    'a subject with control characters': { subject: '\u0001signing keys:keys' },
    'a scope that is text': { scope: 'read' as unknown as string[] },
    'an end in milliseconds': { expiresAt: Date.now() - 1000 },
    'a beginning in milliseconds': { authorizedAt: Date.now() - 1000 },
    'an end that is no number': { expiresAt: new Date() as unknown as number },
    'no end': { expiresAt: Number.POSITIVE_INFINITY },
    'a beginning that is no number': { authorizedAt: Number.NaN },
  };
  for (const [what, said] of Object.entries(wrong))
    it(`${what}: the operator is told, and nothing is given`, async () => {
      const { refresh, errors } = cameOver({ said });
      assertErrorHere(await refresh(OLD), 500, 'server_error');
      assert.match(String((errors.at(-1) as Error).cause ?? errors.at(-1)), /tokenService\(\{ adopt \}\)/);
    });

  it('RFC 9700 §4.15 a subject that is the identifier of a client is refused', async () => {
    const { refresh } = cameOver({
      said: { subject: OTHER.client_id },
      more: { findClient: (id) => (id === OTHER.client_id ? OTHER : undefined) },
    });
    assertErrorHere(await refresh(OLD), 500, 'server_error');
  });

  it('when the store does not answer the client is told to try again, and that is no replay', async () => {
    for (const method of ['get', 'put', 'consume'] as const) {
      const { store, broken } = breakableStore();
      const { refresh, isActive, clock } = cameOver({ store });
      broken.set(method, 'is lost');
      assert.equal((await refresh(OLD)).status, 503, method);
      broken.clear();
      clock.now += 60; // longer than the grace window
      const { refresh_token } = (await refresh(OLD).expect(200)).body;
      assert.equal(await isActive(refresh_token), true, method);
    }
  });

  /** A server whose process ended after it had stored the token, and before it was noted. */
  async function unnoted(more: Setup['more'] = {}) {
    const { store, broken } = breakableStore();
    const inner: TokenStore = {
      ...store,
      put: (records, now, within) =>
        records.some(({ kind }) => kind === 'ephemeral') && broken.size > 0
          ? Promise.reject(new Error('the process has ended'))
          : store.put(records, now, within),
    };
    const said = { expiresAt: tokenServer().clock.now + 300 * DAY };
    const server = cameOver({ store: inner, said, more });
    broken.set('list', 'rejects');
    assert.equal((await server.refresh(OLD)).status, 503);
    broken.clear();
    return server;
  }

  it('one whose process ended before it was noted is noted for as long as the other library lets it live', async () => {
    const { refresh, clock } = await unnoted({ lifetimes: { authorization: 10 * DAY } });
    await refresh(OLD).expect(200);
    clock.now += 11 * DAY; // the record of the spent token is gone
    isRefused(await refresh(OLD));
  });

  it('one whose process ended before it was noted is noted when it comes again', async () => {
    const { refresh, tokens, clock } = await unnoted();
    await refresh(OLD).expect(200);
    await tokens.revokeAll({ user: { id: 'alice' } as User });
    clock.now += 100 * DAY;
    isRefused(await refresh(OLD));
  });
});

onEveryStore('token service: refresh tokens of another library', (place) => {
  const now = (): number => Math.floor(Date.now() / 1000); // Redis has a clock of its own

  /** Two processes, where the store can have them, of which both know one old token. */
  function made(user: string) {
    const old = `old-${randomUUID()}`;
    const said = { subject: user, expiresAt: now() + 30 * DAY };
    const setup = { old, said, more: { now, grace: 10 } };
    return { old, servers: twoOver(place(), (store) => cameOver({ ...setup, store })) };
  }

  it('concurrent refreshes in two processes all get the same successor, and one family is stored', async () => {
    for (let round = 0; round < 5; round++) {
      const user = `user-${randomUUID()}`;
      const { old, servers } = made(user);
      const answers = await Promise.all([0, 1, 0, 1, 0, 1].map((index) => servers[index as 0 | 1].refresh(old)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
      assert.equal((await servers[1].store.list(user, now())).length, 1);
      const next = await servers[1].refresh(answers[0]?.body.refresh_token);
      assert.equal(next.status, 200);
    }
  });

  it('of refreshes and the end of it at the same moment nothing is left, and it does not come back', async () => {
    for (let round = 0; round < 5; round++) {
      const { old, servers } = made(`user-${randomUUID()}`);
      const [, ...answers] = await Promise.all([
        servers[0].revoke(old),
        servers[0].refresh(old),
        servers[1].refresh(old),
      ]);
      for (const { status, body } of answers) {
        assert.ok(status === 200 || status === 400, `${status}`);
        if (status === 200) assert.equal(await servers[1].tokens.verify(body.access_token), undefined);
      }
      for (const server of servers) isRefused(await server.refresh(old));
    }
  });

  it('with another client at the same moment, only its own is served', async () => {
    const { old, servers } = made(`user-${randomUUID()}`);
    const [own, other] = await Promise.all([servers[0].refresh(old), servers[1].refresh(old, {}, OTHER)]);
    assert.equal(own.status, 200);
    isRefused(other);
  });

  it('a replay at the other process ends the family', async () => {
    const { old, servers } = made(`user-${randomUUID()}`);
    const { body } = await servers[0].refresh(old).expect(200);
    const noGrace = cameOver({
      old,
      store: place().isShared ? place().open() : servers[0].store,
      said: { expiresAt: now() + 30 * DAY },
      more: { now, grace: 0 },
    });
    isRefused(await noGrace.refresh(old));
    isRefused(await servers[0].refresh(body.refresh_token));
  });
});
