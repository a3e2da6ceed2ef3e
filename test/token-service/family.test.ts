/** What one authorization keeps, however often it is refreshed: bounded, and a spent token is known all the same. */
import assert from 'node:assert/strict';
import { isOfFamily, newFamily, newRefreshToken } from '../../lib/token-service/family.js';
import { newAuthorizationID } from '../../lib/token-service/secret.js';
import { CLIENT, OTHER } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { type TokenServer, tokenServer } from '../support/token-server.js';
import { recordingStore, watched } from '../support/token-store.js';

const DAY = 86_400;

async function recordsOf({ store, clock }: TokenServer): Promise<readonly string[]> {
  const kinds: string[] = [];
  for await (const { kind } of store.listByClient(CLIENT.client_id, clock.now)) kinds.push(kind);
  return kinds;
}

async function refreshed(
  server: TokenServer,
  first: string,
  times: number,
  seconds: number,
): Promise<readonly string[]> {
  const spent = [first];
  for (let time = 0; time < times; time++) {
    server.clock.now += seconds;
    const { body } = await server.refresh(spent.at(-1) ?? '').expect(200);
    spent.push(body.refresh_token);
  }
  return spent;
}

describe('token service: a family', () => {
  it('keeps the same number of records, however often it is refreshed', async () => {
    const server = tokenServer({ tokens: { lifetimes: { accessToken: 60 } } });
    const { refresh_token } = await server.connect();
    const counts: number[] = [];
    let token = refresh_token;
    for (let round = 0; round < 4; round++) {
      token = (await refreshed(server, token, 150, 1)).at(-1) ?? '';
      counts.push((await recordsOf(server)).length);
    }
    assert.ok(Math.max(...counts) <= 60 + 120 + 5, `${counts}`);
    assert.equal(counts[3], counts[1]);
  });

  it('keeps the sealed answer of a spent token for two minutes, and not for the life of the token', async () => {
    const { store, calls } = recordingStore();
    const { connect, refresh, clock } = tokenServer({ tokens: { store } });
    await refresh((await connect()).refresh_token).expect(200);
    const [, consumption] = calls.findLast(({ method }) => method === 'consume')?.args ?? [];
    const { seal, keepUntil } = consumption as { readonly seal?: string; readonly keepUntil?: number };
    assert.ok(seal);
    assert.equal(keepUntil, clock.now + 120);
  });

  for (const days of [1, 10, 29]) {
    it(`RFC 9700 §4.14.2: a replay of a spent token ends it ${days} days later, though nothing is kept of that token`, async () => {
      const server = tokenServer();
      const { connect, refresh, isActive, events } = server;
      const other = await connect();
      const { refresh_token } = await connect();
      const [spent = '', ...later] = await refreshed(server, refresh_token, days, DAY);
      server.clock.now += 121;
      assert.equal((await recordsOf(server)).filter((kind) => kind === 'refresh_token').length, 2);
      assertErrorHere(await refresh(spent), 400, 'invalid_grant');
      assert.equal(await isActive(later.at(-1) ?? ''), false);
      assertErrorHere(await refresh(later.at(-1) ?? ''), 400, 'invalid_grant');
      assert.equal(await isActive(other.refresh_token), true, "the user's other devices go on");
      const told = events
        .map(({ name }) => name)
        .filter((name) => name === 'replayDetected' || name === 'familyRevoked');
      assert.deepEqual(told, ['replayDetected', 'familyRevoked']);
      const subjects = events.filter(({ name }) => name === 'replayDetected').map(({ event }) => event['subject']);
      assert.deepEqual(subjects, ['alice'], 'whoever is told is told whose it is');
    });
  }

  it('is not ended by a token whose life is over, spent or not', async () => {
    const server = tokenServer();
    const { connect, refresh, isActive, events } = server;
    const [spent = '', ...later] = await refreshed(server, (await connect()).refresh_token, 31, DAY);
    assertErrorHere(await refresh(spent), 400, 'invalid_grant');
    assert.equal(await isActive(later.at(-1) ?? ''), true);
    server.clock.now += 30 * DAY;
    assertErrorHere(await refresh(later.at(-1) ?? ''), 400, 'invalid_grant');
    assert.deepEqual(
      events.filter(({ name }) => name === 'replayDetected'),
      [],
    );
  });

  it('is not ended by another client, nor by what somebody made up', async () => {
    const server = tokenServer();
    const { connect, refresh, revoke, isActive, events } = server;
    const [spent = '', ...later] = await refreshed(server, (await connect()).refresh_token, 2, DAY);
    assertErrorHere(await refresh(spent, {}, OTHER), 400, 'invalid_grant');
    await revoke(spent, OTHER).expect(200);
    for (const at of [4, 12, 14, 20, 40, 45]) {
      const changed = spent.slice(0, at) + (spent[at] === 'A' ? 'B' : 'A') + spent.slice(at + 1);
      assertErrorHere(await refresh(changed), 400, 'invalid_grant');
      await revoke(changed).expect(200);
    }
    assert.equal(await isActive(later.at(-1) ?? ''), true);
    assert.deepEqual(
      events.filter(({ name }) => name === 'familyRevoked'),
      [],
    );
  });

  it('RFC 7009 §2.1: is ended by its client with a spent token of which nothing is kept', async () => {
    const server = tokenServer();
    const { connect, revoke, isActive, introspect } = server;
    const [spent = '', ...later] = await refreshed(server, (await connect()).refresh_token, 2, DAY);
    assert.deepEqual((await introspect(spent)).body, { active: false });
    await revoke(spent).expect(200);
    assert.equal(await isActive(later.at(-1) ?? ''), false);
    assert.equal(server.events.at(-2)?.event['kind'], 'refresh_token');
  });

  it('that is refreshed too often is told to wait, and loses nothing', async () => {
    const server = tokenServer({ tokens: { maxRefreshes: 5 } });
    const { refresh, clock, isActive, errors } = server;
    const [, ...later] = await refreshed(server, (await server.connect()).refresh_token, 5, 1);
    const token = later.at(-1) ?? '';
    const refused = await refresh(token);
    assertErrorHere(refused, 429, 'temporarily_unavailable');
    assert.equal(refused.headers['retry-after'], `${3600 - 4}`);
    assert.match(JSON.stringify(errors.at(-1)?.cause), /Refreshed 5 times in 3600 s/);
    assert.equal(await isActive(token), true);
    clock.now += 3600 - 4;
    await refresh(token).expect(200);
  });

  it('is bounded where the token is not replaced, too', async () => {
    const { connect, refresh, clock } = tokenServer({ tokens: { maxRefreshes: 3, rotate: () => false } });
    const [one, other] = [(await connect()).refresh_token, (await connect()).refresh_token];
    for (let time = 0; time < 3; time++) await refresh(one).expect(200);
    assertErrorHere(await refresh(one), 429, 'temporarily_unavailable');
    await refresh(other).expect(200);
    clock.now += 3600;
    await refresh(one).expect(200);
  });

  it('is bounded for who asks a spent token for less again and again, within the grace window', async () => {
    const { connect, refresh, isActive } = tokenServer({ tokens: { maxRefreshes: 3 } });
    const spent = (await connect()).refresh_token;
    const next = (await refresh(spent).expect(200)).body;
    for (let time = 0; time < 3; time++) await refresh(spent, { scope: 'read' }).expect(200);
    assertErrorHere(await refresh(spent, { scope: 'read' }), 429, 'temporarily_unavailable');
    assert.deepEqual((await refresh(spent)).body, next, 'the same answer makes no token');
    assert.equal(await isActive(next.refresh_token), true);
  });

  it('a spent token whose record ends between look-up and use gives nothing, not even to a client whose tokens are no longer replaced', async () => {
    let [rotates, isGone] = [true, false];
    const store = watched((method, _args, call) =>
      isGone && method === 'consume' ? Promise.resolve(undefined) : call(),
    );
    const { connect, refresh } = tokenServer({ tokens: { store, rotate: () => rotates } });
    const spent = (await connect()).refresh_token;
    await refresh(spent).expect(200);
    [rotates, isGone] = [false, true];
    assertErrorHere(await refresh(spent), 400, 'invalid_grant');
  });

  it('of a token that 0.1.0 made: it is refreshed, and known when it comes again', async () => {
    const { connect, store, refresh, clock, isActive } = tokenServer();
    const { refresh_token } = await connect();
    const { authorizationID, data, id, ...rest } = (await store.list('alice', clock.now))[0] ?? assert.fail();
    await store.revoke(authorizationID, clock.now, clock.now - 1);
    const { family: _, refreshes: __, members: ___, ...old } = data as Record<string, unknown>; // as 0.1.0 stored it
    await store.put([{ ...rest, id, authorizationID, data: old }], clock.now);
    const { body } = await refresh(refresh_token).expect(200);
    assert.deepEqual((await refresh(refresh_token)).body, body, 'within the window');
    clock.now += 20 * DAY;
    const next = (await refresh(body.refresh_token).expect(200)).body;
    clock.now += DAY;
    assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    assert.equal(await isActive(next.refresh_token), false);
  });

  it('tells its tokens by a MAC over all of their bits, and by their end', () => {
    const family = newFamily();
    const token = newRefreshToken(newAuthorizationID(), family, 1000);
    assert.equal(isOfFamily(token, family.key, 999), true);
    assert.equal(isOfFamily(token, family.key, 1000), false);
    assert.equal(isOfFamily(token, newFamily().key, 999), false);
    const bytes = Buffer.from(token.slice(4), 'base64url');
    for (let bit = 0; bit < 256; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.equal(isOfFamily(token.slice(0, 4) + changed.toString('base64url'), family.key, 0), false, `bit ${bit}`);
    }
  });
});

describe('token service: a retry that was told to retry', () => {
  it('is no replay, however long the store was away', async () => {
    const inner = recordingStore();
    let lost = false;
    const store = {
      ...inner.store,
      async consume(...args: Parameters<typeof inner.store.consume>) {
        const consumed = await inner.store.consume(...args);
        if (lost) throw new Error('the answer is lost');
        return consumed;
      },
    };
    const server = tokenServer({ tokens: { store } });
    const { connect, refresh, clock, isActive, events } = server;
    for (const away of [60, 600]) {
      const { refresh_token } = await connect();
      lost = true;
      assertErrorHere(await refresh(refresh_token), 503, 'temporarily_unavailable');
      lost = false;
      clock.now += away;
      const answer = await refresh(refresh_token);
      // after two minutes the answer is not kept any more: the user logs in again, and nobody is called a thief
      if (away === 60) assert.equal(await isActive(answer.body.refresh_token), true);
      else assertErrorHere(answer, 400, 'invalid_grant');
    }
    assert.deepEqual(
      events.filter(({ name }) => name === 'replayDetected'),
      [],
    );
  });

  /** A server whose store fails at every call as long as it is `away`, whether it does what it was asked or not. */
  function failing() {
    const outage = { away: false };
    const store = watched(async (_method, _args, call) => {
      const result = await call();
      if (outage.away) throw new Error('the answer is lost');
      return result;
    });
    return Object.assign(tokenServer({ tokens: { store } }), {
      async during(ask: () => PromiseLike<{ readonly status: number }>): Promise<void> {
        outage.away = true;
        assert.equal((await ask()).status, 503);
        outage.away = false;
      },
    });
  }
  const replaysOf = ({ events }: TokenServer) => events.filter(({ name }) => name === 'replayDetected').length;

  it('is not a replay if another tab had spent the token, and counts as if it came at the time of the first try', async () => {
    const server = failing();
    const { connect, refresh, clock, during } = server;
    const { refresh_token } = await connect();
    const { body } = await refresh(refresh_token).expect(200);
    clock.now += 5;
    await during(() => refresh(refresh_token));
    clock.now += 30;
    assert.equal((await refresh(refresh_token).expect(200)).body.refresh_token, body.refresh_token);
    assert.equal(replaysOf(server), 0);
  });

  it('is a replay where it was one when it asked first', async () => {
    const server = failing();
    const { connect, refresh, clock, during, isActive } = server;
    for (const [before, after] of [
      [11, 5],
      [5, 120],
    ] as const) {
      const { refresh_token } = await connect();
      const { body } = await refresh(refresh_token).expect(200);
      clock.now += before;
      await during(() => refresh(refresh_token));
      clock.now += after;
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
      assert.equal(await isActive(body.refresh_token), false);
    }
    assert.equal(replaysOf(server), 2);
  });

  it('is no replay of a code, whose verifier was wrong', async () => {
    let lost = true;
    const store = watched(async (method, _args, call) => {
      const result = await call();
      if (lost && method === 'consume') throw new Error('the answer is lost');
      return result;
    });
    const server = tokenServer({ tokens: { store } });
    const code = await server.authorize();
    const wrong = { code_verifier: 'w'.repeat(43) };
    assertErrorHere(await server.redeem(code, wrong), 503, 'temporarily_unavailable');
    lost = false;
    assertErrorHere(await server.redeem(code, wrong), 400, 'invalid_grant');
    assert.equal(replaysOf(server), 0);
  });

  it('is none where the store was waited for longer than the grace window is', async () => {
    let lost = false;
    const store = watched(async (method, _args, call) => {
      const result = await call();
      if (!lost || method !== 'consume') return result;
      server.clock.now += 5;
      throw new Error('the answer is lost');
    });
    const server: TokenServer = tokenServer({ tokens: { store, grace: 2 } });
    const { refresh_token } = await server.connect();
    lost = true;
    assertErrorHere(await server.refresh(refresh_token), 503, 'temporarily_unavailable');
    lost = false;
    await server.refresh(refresh_token).expect(200);
  });
});
