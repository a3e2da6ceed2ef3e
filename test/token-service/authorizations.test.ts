/** What a user has authorized, for a "connected apps" page, and `verify`, for an API in the same process. */
import assert from 'node:assert/strict';
import { CALLBACK, CLIENT, OTHER } from '../support/authorization-server.js';
import { tokenServer, WORKER } from '../support/token-server.js';
import { watched } from '../support/token-store.js';

const ALICE = { id: 'alice', name: '' };
const BOB = { id: 'bob', name: '' };
const DAY = 24 * 60 * 60;

describe('token service: listAuthorizations', () => {
  it('tells of each authorization once: whose, what and until when', async () => {
    const { connect, tokens, clock } = tokenServer();
    await connect();
    await connect({ scope: 'read' });
    await connect({}, 'bob');
    const apps = await tokens.listAuthorizations(ALICE);
    const expiresAt = clock.now + 30 * DAY;
    assert.deepEqual(
      apps.map(({ authorizationID, ...rest }) => [typeof authorizationID, rest]),
      [
        ['string', { clientID: 'client', scope: ['read', 'write'], expiresAt }],
        ['string', { clientID: 'client', scope: ['read'], expiresAt }],
      ],
    );
    assert.equal(new Set(apps.map(({ authorizationID }) => authorizationID)).size, 2);
    assert.equal((await tokens.listAuthorizations(BOB)).length, 1);
  });

  it('tells what was granted, not what the last refresh narrowed it to, and only once', async () => {
    const { connect, refresh, tokens, clock } = tokenServer();
    const { refresh_token } = await connect();
    clock.now += 60;
    await refresh(refresh_token, { scope: 'read' }).expect(200);
    const apps = await tokens.listAuthorizations(ALICE);
    assert.deepEqual(
      apps.map(({ scope, expiresAt }) => [scope, expiresAt]),
      [[['read', 'write'], clock.now + 30 * DAY]],
    );
  });

  it('does not tell of a code that nobody redeemed, nor of what expired', async () => {
    const { authorize, connect, tokens, clock } = tokenServer({ tokens: { refreshTokens: () => false } });
    await authorize();
    assert.deepEqual(await tokens.listAuthorizations(ALICE), []);
    await connect();
    assert.equal((await tokens.listAuthorizations(ALICE)).length, 1);
    clock.now += 3600;
    assert.deepEqual(await tokens.listAuthorizations(ALICE), []);
  });

  it('takes what stands for a user from the option subject', async () => {
    const { connect, tokens, introspect } = tokenServer({ tokens: { subject: ({ id }) => `user:${id}` } });
    const { access_token } = await connect();
    assert.equal((await introspect(access_token)).body.sub, 'user:alice');
    assert.equal((await tokens.listAuthorizations(ALICE)).length, 1);
  });
});

describe('token service: revokeAuthorization', () => {
  it('ends all that came from it, and nothing else', async () => {
    const { connect, refresh, tokens, isActive } = tokenServer();
    const [first, other] = [await connect(), await connect()];
    const second = (await refresh(first.refresh_token).expect(200)).body;
    const { authorizationID = '' } = (await tokens.verify(first.access_token)) ?? {};
    assert.equal(await tokens.revokeAuthorization(ALICE, authorizationID), true);
    for (const token of [first.access_token, second.access_token, second.refresh_token])
      assert.equal(await isActive(token), false);
    await refresh(first.refresh_token).expect(400);
    await refresh(second.refresh_token).expect(400);
    assert.deepEqual([await isActive(other.access_token), await isActive(other.refresh_token)], [true, true]);
    assert.equal((await tokens.listAuthorizations(ALICE)).length, 1);
    assert.equal(await tokens.revokeAuthorization(ALICE, authorizationID), false);
  });

  it("leaves another user's alone", async () => {
    const { connect, tokens, isActive } = tokenServer();
    const { access_token } = await connect();
    const { authorizationID = '' } = (await tokens.verify(access_token)) ?? {};
    assert.equal(await tokens.revokeAuthorization(BOB, authorizationID), false);
    for (const id of ['', 'AAA', authorizationID.slice(0, 3), `${authorizationID} `, '__proto__'])
      assert.equal(await tokens.revokeAuthorization(ALICE, id), false);
    assert.equal(await isActive(access_token), true);
  });

  const lifetimes: readonly [what: string, lifetimes: object, atLeast: number][] = [
    ['by default', {}, 30 * DAY],
    ['with lifetimes for all', { lifetimes: { authorization: 1000 * DAY, refreshToken: 900 * DAY } }, 900 * DAY],
    [
      'with lifetimes for each',
      { lifetimes: () => ({ authorization: 1000 * DAY, refreshToken: 900 * DAY }) },
      900 * DAY,
    ],
  ];
  for (const [what, options, atLeast] of lifetimes) {
    it(`is remembered for as long as anything of it could live, ${what}`, async () => {
      const untils: number[] = [];
      const store = watched((method, args, call) => {
        if (method === 'revoke') untils.push(Number(args[1]));
        return call();
      });
      const { connect, tokens, clock, revoke } = tokenServer({ tokens: { ...options, store } });
      await connect();
      const [app] = await tokens.listAuthorizations(ALICE);
      await tokens.revokeAuthorization(ALICE, app?.authorizationID ?? '');
      await revoke((await connect()).refresh_token).expect(200);
      assert.equal(untils.length, 2);
      for (const until of untils)
        assert.ok(until >= clock.now + atLeast && until <= clock.now + 2 * atLeast, `${until - clock.now}`);
    });
  }
});

describe('token service: revokeAll', () => {
  it('ends all that a user has authorized, codes on their way included, and nothing of others', async () => {
    const { connect, authorize, redeem, tokens, isActive, events } = tokenServer();
    const [first, second, bobs] = [await connect(), await connect(), await connect({}, 'bob')];
    const code = await authorize();
    assert.equal(await tokens.revokeAll({ user: ALICE }), 3);
    for (const { access_token, refresh_token } of [first, second])
      assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [false, false]);
    assert.equal((await redeem(code)).status, 400);
    assert.equal(await isActive(bobs.access_token), true);
    assert.equal(events.filter(({ name }) => name === 'familyRevoked').length, 3);
    assert.equal(await tokens.revokeAll({ user: ALICE }), 0);
  });

  it('ends all of a client, whoever authorized it, and its own tokens', async () => {
    const { connect, authorize, redeem, request, tokens, isActive, introspect } = tokenServer();
    const [alices, bobs] = [await connect(), await connect({}, 'bob')];
    const own = (await request({ grant_type: 'client_credentials' }, CLIENT).expect(200)).body;
    const others = (await request({ grant_type: 'client_credentials' }, WORKER).expect(200)).body;
    const code = await authorize();
    assert.equal(await tokens.revokeAll({ client: CLIENT }), 4);
    for (const token of [alices.refresh_token, bobs.access_token, own.access_token])
      assert.equal(await isActive(token), false);
    assert.equal((await redeem(code)).status, 400);
    assert.equal((await introspect(others.access_token, WORKER)).body.active, true);
  });

  it('tells whose each was, whatever of it is found first', async () => {
    const { connect, refresh, tokens, clock, events } = tokenServer();
    await refresh((await connect()).refresh_token).expect(200);
    clock.now += 3600;
    assert.equal(await tokens.revokeAll({ client: CLIENT }), 1);
    assert.deepEqual([events.at(-1)?.name, events.at(-1)?.event['subject']], ['familyRevoked', 'alice']);
  });

  it('ends what one user has authorized one client', async () => {
    const { connect, tokens, isActive, authorize, redeem } = tokenServer();
    const redirect_uri = OTHER.redirect_uris[0] ?? CALLBACK;
    const code = await authorize({ client_id: OTHER.client_id, redirect_uri });
    const { body: atOther } = await redeem(code, { redirect_uri }, OTHER).expect(200);
    const [alices, bobs] = [await connect(), await connect({}, 'bob')];
    assert.equal(await tokens.revokeAll({ user: ALICE, client: CLIENT }), 1);
    assert.equal(await isActive(alices.access_token), false);
    assert.deepEqual([await isActive(bobs.access_token), await isActive(atOther.access_token, OTHER)], [true, true]);
  });

  for (const whose of ['the user', 'the client'] as const) {
    it(`also revokes what is issued at the same moment: all of ${whose}, while codes are redeemed and tokens refreshed`, async () => {
      for (let round = 0; round < 20; round++) {
        const { connect, authorize, redeem, refresh, tokens, isActive } = tokenServer();
        const { refresh_token } = await connect();
        const code = await authorize();
        const end = () => tokens.revokeAll(whose === 'the user' ? { user: ALICE } : { client: CLIENT });
        const [redeemed, refreshed] = await Promise.all([redeem(code), refresh(refresh_token), end()]);
        for (const { body } of [redeemed, refreshed])
          for (const token of [body.access_token, body.refresh_token])
            if (token) assert.equal(await isActive(token), false);
      }
    });
  }
});

describe('token service: verify', () => {
  it('tells an API in the same process what an access token says', async () => {
    const { connect, tokens, clock } = tokenServer();
    const { access_token } = await connect();
    const { authorizationID, ...rest } = (await tokens.verify(access_token)) ?? assert.fail();
    assert.match(authorizationID, /^[\w-]{3}\./);
    const [issuedAt, expiresAt] = [clock.now, clock.now + 3600];
    assert.deepEqual(rest, { clientID: 'client', subject: 'alice', scope: ['read', 'write'], issuedAt, expiresAt });
    clock.now += 3600;
    assert.equal(await tokens.verify(access_token), undefined);
  });

  it('takes nothing but access tokens that count', async () => {
    const { connect, authorize, tokens, revoke } = tokenServer();
    const { access_token, refresh_token } = await connect();
    for (const token of [refresh_token, await authorize(), '', 'made-up'])
      assert.equal(await tokens.verify(token), undefined);
    await revoke(access_token).expect(200);
    assert.equal(await tokens.verify(access_token), undefined);
  });

  it('tells of each client its own', async () => {
    const { authorize, redeem, tokens } = tokenServer();
    const redirect_uri = OTHER.redirect_uris[0] ?? CALLBACK;
    const code = await authorize({ client_id: OTHER.client_id, redirect_uri });
    const { body } = await redeem(code, { redirect_uri }, OTHER).expect(200);
    assert.equal((await tokens.verify(body.access_token))?.clientID, 'other');
    assert.notEqual(OTHER.client_id, CLIENT.client_id);
  });

  it('close closes the store', async () => {
    let closed = 0;
    const { tokens, store } = tokenServer();
    store.close = async () => void closed++;
    await tokens.close();
    assert.equal(closed, 1);
  });
});
