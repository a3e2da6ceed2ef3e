/** Refresh tokens: DESIGN section 6, RFC 6749 §6, RFC 9700 §4.14.2. */
import assert from 'node:assert/strict';
import type { Extension } from 'koauthorize';
import { TokenError } from 'koauthorize';
import { type Consumed, type Consumption, memoryStore, tokenService } from 'koauthorize/tokens';
import { type App, CLIENT, OTHER, type User } from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { type Tokens, tokenServer } from '../support/token-server.js';
import { recordingStore, watched } from '../support/token-store.js';

const DAY = 24 * 60 * 60;

/** A check that refuses what has `refuse` in it. */
const refusing: Extension<App, User> = {
  name: 'refusing',
  token: {
    check: async (_authorization, { params }) => {
      if (params.has('refuse')) throw new TokenError('Not like this', 'invalid_grant');
    },
  },
};

describe('token service: refresh tokens', () => {
  it('are rotated at every use', async () => {
    const { connect, refresh, isActive } = tokenServer();
    let tokens: Tokens = await connect();
    for (let use = 0; use < 3; use++) {
      const response = await refresh(tokens.refresh_token).expect(200);
      assertNoStore(response);
      const { access_token, refresh_token, ...rest } = response.body;
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'read write' });
      assert.notEqual(refresh_token, tokens.refresh_token);
      assert.notEqual(access_token, tokens.access_token);
      assert.equal(await isActive(tokens.refresh_token), false);
      assert.equal(await isActive(tokens.access_token), true); // until it expires
      tokens = response.body;
    }
    assert.deepEqual([await isActive(tokens.access_token), await isActive(tokens.refresh_token)], [true, true]);
  });

  describe('within the grace window', () => {
    it('50 concurrent uses get one and the same successor, and one refresh token is left', async () => {
      const { connect, refresh, isActive, store, clock } = tokenServer();
      const { refresh_token } = await connect();
      const responses = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
      assert.deepEqual([...new Set(responses.map(({ status }) => status))], [200]);
      assert.equal(new Set(responses.map(({ text }) => text)).size, 1);
      const live = (await store.list('alice', clock.now)).filter(({ kind }) => kind === 'refresh_token');
      assert.equal(live.length, 1);
      assert.equal(await isActive(responses[0]?.body.refresh_token), true);
      assert.equal(await isActive(responses[0]?.body.access_token), true);
    });

    const moments: readonly [what: string, grace: number | undefined, seconds: number, again: boolean][] = [
      ['at once', undefined, 0, true],
      ['10 s later, the last that counts', undefined, 10, true],
      ['11 s later', undefined, 11, false],
      ['when a clock stepped back by 10 s', undefined, -10, true],
      ['when a clock stepped back further', undefined, -11, false],
      ['within a window that was set', 60, 60, true],
      ['after a window that was set', 60, 61, false],
      ['at once, with no window', 0, 0, false],
      ['later, with no window', 0, 1, false],
    ];
    for (const [what, grace, seconds, again] of moments) {
      it(`the same again, ${what}: ${again ? 'the same answer' : 'the family is revoked'}`, async () => {
        const { connect, refresh, isActive, clock } = tokenServer({ tokens: grace === undefined ? {} : { grace } });
        const first = await connect();
        const second = (await refresh(first.refresh_token).expect(200)).body;
        clock.now += seconds;
        const response = await refresh(first.refresh_token);
        if (again) {
          const expires_in = 3600 - seconds;
          assert.deepEqual(response.body, { ...second, expires_in });
        } else assertErrorHere(response, 400, 'invalid_grant');
        for (const token of [first.access_token, second.access_token, second.refresh_token])
          assert.equal(await isActive(token), again);
      });
    }

    it('expires_in counts down, and not below nothing', async () => {
      const { connect, refresh, clock } = tokenServer({ tokens: { lifetimes: { accessToken: 4 } } });
      const { refresh_token } = await connect();
      assert.equal((await refresh(refresh_token)).body.expires_in, 4);
      clock.now += 3;
      assert.equal((await refresh(refresh_token)).body.expires_in, 1);
      clock.now += 3;
      assert.equal((await refresh(refresh_token)).body.expires_in, 0);
    });

    it('the last of a chain is reached from each of its refresh tokens', async () => {
      const { connect, refresh } = tokenServer();
      const first = await connect();
      const second = (await refresh(first.refresh_token)).body;
      const third = (await refresh(second.refresh_token)).body;
      assert.equal((await refresh(first.refresh_token)).body.refresh_token, second.refresh_token);
      assert.equal((await refresh(second.refresh_token)).body.refresh_token, third.refresh_token);
    });

    it('the second answer never allows more than its own request asked for, and says what', async () => {
      const { connect, refresh, introspect, isActive, events } = tokenServer();
      const { refresh_token } = await connect();
      const whole = (await refresh(refresh_token)).body;
      const less = (await refresh(refresh_token, { scope: 'read' })).body;
      assert.deepEqual([whole.scope, less.scope], ['read write', 'read']);
      assert.deepEqual(events.at(-1)?.event['scope'], ['read'], 'as does its event');
      assert.equal(less.refresh_token, whole.refresh_token, 'one successor for both');
      assert.notEqual(less.access_token, whole.access_token);
      assert.equal((await introspect(less.access_token)).body.scope, 'read');
      assert.deepEqual([await isActive(whole.access_token), await isActive(less.refresh_token)], [true, true]);
    });

    it('a second answer with less scope is refused when all is revoked meanwhile', async () => {
      let revokes = false;
      const inner = memoryStore();
      const store = watched(async (method, args, call) => {
        const result = await call();
        const isLast = revokes && method === 'consume' && (args[1] as Consumption).next !== undefined;
        if (isLast) await inner.revoke((result as Consumed).record.authorizationID, clock.now + 60, clock.now);
        return result;
      }, inner);
      const { connect, refresh, clock } = tokenServer({ tokens: { store } });
      const { refresh_token } = await connect();
      await refresh(refresh_token).expect(200);
      revokes = true;
      assertErrorHere(await refresh(refresh_token, { scope: 'read' }), 400, 'invalid_grant');
    });

    it('the second answer never allows more than the first one gave', async () => {
      const { connect, refresh } = tokenServer();
      const { refresh_token } = await connect();
      const first = (await refresh(refresh_token, { scope: 'read' })).body;
      assert.deepEqual((await refresh(refresh_token)).body, first);
      const other = (await refresh(refresh_token, { scope: 'write' })).body;
      assert.deepEqual([other.scope, other.refresh_token], ['', first.refresh_token]);
    });

    it('another client gets nothing, and ends nothing', async () => {
      const { connect, refresh, isActive } = tokenServer();
      const { refresh_token } = await connect();
      const next = (await refresh(refresh_token)).body;
      assertErrorHere(await refresh(refresh_token, {}, OTHER), 400, 'invalid_grant');
      assert.equal(await isActive(next.refresh_token), true);
    });

    it('nothing is kept for a window that is not there', async () => {
      const { store, calls } = recordingStore();
      const { connect, refresh } = tokenServer({ tokens: { store, grace: 0 } });
      await refresh((await connect()).refresh_token).expect(200);
      const [, consumption] = calls.findLast(({ method }) => method === 'consume')?.args ?? [];
      assert.equal((consumption as { seal?: string }).seal, undefined);
    });

    it('what one process sealed and another keeps no window for is a replay, and the other way', async () => {
      for (const [before, after] of [
        [10, 0],
        [0, 10],
      ] as const) {
        const one = tokenServer({ tokens: { grace: before } });
        const { refresh_token } = await one.connect();
        const { body } = await one.refresh(refresh_token).expect(200);
        const other = tokenServer({ tokens: { store: one.store, grace: after } });
        assertErrorHere(await other.refresh(refresh_token), 400, 'invalid_grant');
        assert.equal(await one.isActive(body.refresh_token), false);
      }
    });

    it('what was revoked stays so', async () => {
      const { connect, refresh, revoke } = tokenServer();
      const { refresh_token } = await connect();
      const next = (await refresh(refresh_token)).body;
      await revoke(next.refresh_token).expect(200);
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    });
  });

  it('RFC 9700 §4.14.2: re-use revokes the family, including its newest tokens', async () => {
    const { connect, refresh, isActive, clock } = tokenServer();
    const family = [await connect()];
    for (let use = 0; use < 4; use++) {
      clock.now += 60;
      family.push((await refresh(family.at(-1)?.refresh_token ?? '').expect(200)).body);
    }
    clock.now += 60;
    assertErrorHere(await refresh(family[1]?.refresh_token ?? ''), 400, 'invalid_grant');
    for (const { access_token, refresh_token } of family)
      assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [false, false]);
    assertErrorHere(await refresh(family.at(-1)?.refresh_token ?? ''), 400, 'invalid_grant');
  });

  it('re-use is re-use, whatever else is wrong with the request', async () => {
    for (const more of [{ scope: 'admin' }, { refuse: 'yes' }]) {
      const { connect, refresh, isActive, clock } = tokenServer({ plug: (server) => server.extend(refusing) });
      const first = await connect();
      const second = (await refresh(first.refresh_token).expect(200)).body;
      clock.now += 60;
      assertErrorHere(await refresh(first.refresh_token, more), 400, 'invalid_grant');
      assert.equal(await isActive(second.refresh_token), false);
    }
  });

  it('re-use of a stranger’s family leaves the others of the same user and client alone', async () => {
    const { connect, refresh, isActive, clock } = tokenServer();
    const [stolen, other] = [await connect(), await connect()];
    await refresh(stolen.refresh_token).expect(200);
    clock.now += 60;
    await refresh(stolen.refresh_token).expect(400);
    assert.deepEqual([await isActive(other.access_token), await isActive(other.refresh_token)], [true, true]);
  });

  it('RFC 6749 §10.4: another client neither spends nor revokes a token, whether it was spent or not', async () => {
    const { connect, refresh, isActive, clock } = tokenServer();
    const first = await connect();
    assertErrorHere(await refresh(first.refresh_token, {}, OTHER), 400, 'invalid_grant');
    const second = (await refresh(first.refresh_token).expect(200)).body;
    clock.now += 60;
    assertErrorHere(await refresh(first.refresh_token, {}, OTHER), 400, 'invalid_grant');
    assert.equal(await isActive(second.access_token), true);
    await refresh(second.refresh_token).expect(200);
  });

  describe('scope', () => {
    it('RFC 6749 §6: narrows the access token, and the next may widen back to what was granted', async () => {
      const { connect, refresh, introspect } = tokenServer();
      const first = await connect();
      const narrow = (await refresh(first.refresh_token, { scope: 'read' }).expect(200)).body;
      assert.equal(narrow.scope, 'read');
      assert.equal((await introspect(narrow.access_token)).body.scope, 'read');
      const wide = (await refresh(narrow.refresh_token).expect(200)).body;
      assert.equal(wide.scope, 'read write');
      assert.equal((await introspect(wide.access_token)).body.scope, 'read write');
      const named = (await refresh(wide.refresh_token, { scope: 'write read' }).expect(200)).body;
      assert.equal(named.scope, 'write read');
    });

    for (const scope of ['admin', 'read admin', 'READ', 'read write offline_access', 'rea']) {
      it(`§6: "${scope}" is wider: invalid_scope, which costs the client nothing`, async () => {
        const { connect, refresh, isActive } = tokenServer();
        const { access_token, refresh_token } = await connect();
        assertErrorHere(await refresh(refresh_token, { scope }), 400, 'invalid_scope');
        assert.equal(await isActive(access_token), true);
        await refresh(refresh_token).expect(200);
      });
    }

    it('cannot come from nothing', async () => {
      const { authorize, redeem, refresh } = tokenServer();
      const { body } = await redeem(await authorize({ scope: undefined })).expect(200);
      assert.equal(body.scope, undefined);
      assertErrorHere(await refresh(body.refresh_token, { scope: 'read' }), 400, 'invalid_scope');
      assert.equal('scope' in (await refresh(body.refresh_token).expect(200)).body, false);
    });
  });

  it('an extension that refuses costs the client nothing', async () => {
    const { connect, refresh, isActive } = tokenServer({ plug: (server) => server.extend(refusing) });
    const { access_token, refresh_token } = await connect();
    for (let attempt = 0; attempt < 3; attempt++)
      assertErrorHere(await refresh(refresh_token, { refuse: 'yes' }), 400, 'invalid_grant');
    assert.equal(await isActive(access_token), true);
    await refresh(refresh_token).expect(200);
  });

  it('an extension that refuses is asked within the grace window too', async () => {
    const { connect, refresh } = tokenServer({ plug: (server) => server.extend(refusing) });
    const { refresh_token } = await connect();
    await refresh(refresh_token).expect(200);
    assertErrorHere(await refresh(refresh_token, { refuse: 'yes' }), 400, 'invalid_grant');
    await refresh(refresh_token).expect(200);
  });

  describe('lifetimes', () => {
    it('30 days from its last use', async () => {
      const { connect, refresh, clock } = tokenServer();
      const first = await connect();
      clock.now += 30 * DAY - 1;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      clock.now += 30 * DAY;
      assertErrorHere(await refresh(second.refresh_token), 400, 'invalid_grant');
    });

    it('a year from the act of authorization, however often used', async () => {
      const { connect, refresh, clock, introspect, isActive } = tokenServer();
      const end = clock.now + 365 * DAY;
      let { refresh_token } = await connect();
      for (let month = 0; month < 18; month++) {
        clock.now += 20 * DAY;
        ({ refresh_token } = (await refresh(refresh_token).expect(200)).body);
      }
      assert.equal((await introspect(refresh_token)).body.exp, end);
      clock.now = end - 1;
      const last = (await refresh(refresh_token).expect(200)).body;
      assert.equal(last.expires_in, 1, 'and no access token outlives it');
      clock.now = end;
      assert.equal(await isActive(last.access_token), false);
      ({ refresh_token } = last);
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    });

    it('can differ for each client', async () => {
      const lifetimes = ({ client_id }: App) =>
        client_id === CLIENT.client_id ? { refreshToken: 60, authorization: 100 } : {};
      const { connect, refresh, clock } = tokenServer({ tokens: { lifetimes } });
      const first = await connect();
      clock.now += 59;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      clock.now += 41;
      assertErrorHere(await refresh(second.refresh_token), 400, 'invalid_grant');
    });
  });

  it('the clock stepping back ends nothing and lengthens no life', async () => {
    const { connect, refresh, introspect, clock } = tokenServer();
    const start = clock.now;
    const first = await connect();
    clock.now -= 3600;
    const second = (await refresh(first.refresh_token).expect(200)).body;
    assert.equal(second.expires_in, 3600);
    assert.equal((await introspect(second.access_token)).body.exp, start);
  });

  for (const rotates of [true, false])
    it(`is refused when it was revoked between look-up and ${rotates ? 'rotation' : 'an answer without one'}`, async () => {
      const plug = { name: 'meanwhile', token: { check: async () => meanwhile() } };
      let meanwhile = async (): Promise<void> => {};
      const { connect, refresh, revoke, isActive, events } = tokenServer({
        tokens: { rotate: () => rotates },
        plug: (server) => server.extend(plug),
      });
      const { access_token, refresh_token } = await connect();
      meanwhile = async () => void (await revoke(refresh_token).expect(200));
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
      assert.equal(await isActive(access_token), false);
      assert.deepEqual(events.find(({ name }) => name === 'denied')?.event['reason'], 'revoked meanwhile');
      assert.ok(!events.some(({ name }) => name === 'refreshed'));
    });

  it('options that are no window and no bound are refused at start', () => {
    for (const options of [
      { grace: -1 },
      { grace: Number.NaN },
      { maxRefreshes: 0 },
      { maxRefreshes: Number.NaN },
      { maxRefreshes: -1 },
    ])
      assert.throws(() => tokenService({ store: memoryStore(), ...options }), TypeError, JSON.stringify(options));
  });

  it('is a replay when another spent it between look-up and rotation, and the window is shut', async () => {
    let meanwhile = async (): Promise<void> => {};
    const plug = { name: 'meanwhile', token: { check: async () => meanwhile() } };
    const { connect, refresh, isActive } = tokenServer({
      tokens: { grace: 0 },
      plug: (server) => server.extend(plug),
    });
    const { access_token, refresh_token } = await connect();
    meanwhile = async () => {
      meanwhile = async () => {};
      await refresh(refresh_token).expect(200);
    };
    assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    assert.equal(await isActive(access_token), false);
  });
});
