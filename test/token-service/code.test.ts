/** Authorization codes: DESIGN section 6, RFC 6749 §4.1.2, RFC 9700 §2.1.1. */
import assert from 'node:assert/strict';
import { refreshTokenExpiration } from 'koauthorize';
import { type AccessTokens, memoryStore, opaque, type TokenStore } from 'koauthorize/tokens';
import { toParams } from '../../lib/syntax/param-map.js';
import { CLIENT, OTHER, VERIFIER } from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { tokenServer } from '../support/token-server.js';
import { watched } from '../support/token-store.js';

describe('token service: authorization codes', () => {
  it('gives an access token and a refresh token', async () => {
    const { authorize, redeem, isActive } = tokenServer();
    const response = await redeem(await authorize());
    assert.equal(response.status, 200);
    assertNoStore(response);
    const { access_token, refresh_token, ...rest } = response.body;
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'read write' });
    assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [true, true]);
  });

  it('says the whole lifetimes, though the clock goes on while tokens are made', async () => {
    let now = 1_767_225_600;
    const { authorize, redeem, refresh } = tokenServer({
      tokens: { now: () => now++, lifetimes: { code: 600 } },
      plug: (server) => server.extend(refreshTokenExpiration()),
    });
    const first = (await redeem(await authorize()).expect(200)).body;
    const second = (await refresh(first.refresh_token).expect(200)).body;
    for (const { expires_in, refresh_token_timeout } of [first, second])
      assert.deepEqual([expires_in, refresh_token_timeout], [3600, 2_592_000]);
  });

  it('RFC 6749 §4.1.2: one that was issued while the clock was ahead is good for no longer than others', async () => {
    const { authorize, redeem, clock } = tokenServer({ tokens: { lifetimes: { code: 60 } } });
    const start = clock.now;
    for (const [ahead, status] of [
      [86_400, 400],
      [31, 400],
      [30, 200],
    ] as const) {
      clock.now = start + ahead;
      const code = await authorize();
      clock.now = start;
      assert.equal((await redeem(code)).status, status, `${ahead} seconds`);
    }
  });

  it('RFC 6749 §10.5: of 50 concurrent exchanges of one code exactly one succeeds', async () => {
    const { authorize, redeem } = tokenServer();
    const code = await authorize();
    const responses = await Promise.all(Array.from({ length: 50 }, () => redeem(code)));
    const winners = responses.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1);
    for (const response of responses) if (response.status !== 200) assertErrorHere(response, 400, 'invalid_grant');
  });

  it('RFC 6749 §4.1.2: what is issued after a concurrent replay does not count either', async () => {
    const { authorize, redeem, isActive } = tokenServer();
    const code = await authorize();
    const responses = await Promise.all(Array.from({ length: 50 }, () => redeem(code)));
    const { body } = responses.find(({ status }) => status === 200) ?? assert.fail();
    assert.deepEqual([await isActive(body.access_token), await isActive(body.refresh_token)], [false, false]);
  });

  describe('RFC 6749 §4.1.2: a replay', () => {
    it('by the same client revokes all that came from the code, refreshed tokens too', async () => {
      const { authorize, redeem, refresh, isActive } = tokenServer();
      const code = await authorize();
      const first = (await redeem(code).expect(200)).body;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      assertErrorHere(await redeem(code), 400, 'invalid_grant');
      const all = [first.access_token, first.refresh_token, second.access_token, second.refresh_token];
      for (const token of all) assert.equal(await isActive(token), false);
      assertErrorHere(await refresh(second.refresh_token), 400, 'invalid_grant');
    });

    it('by the same client with a wrong verifier does so too', async () => {
      const { authorize, redeem, isActive } = tokenServer();
      const code = await authorize();
      const { access_token } = (await redeem(code).expect(200)).body;
      assertErrorHere(await redeem(code, { code_verifier: VERIFIER.replace('d', 'e') }), 400, 'invalid_grant');
      assert.equal(await isActive(access_token), false);
    });

    it('by another client revokes nothing', async () => {
      const { authorize, redeem, isActive } = tokenServer();
      const code = await authorize();
      const { access_token, refresh_token } = (await redeem(code).expect(200)).body;
      assertErrorHere(await redeem(code, {}, OTHER), 400, 'invalid_grant');
      assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [true, true]);
    });

    it('is detected even if the clocks of the store and of the machine differ by half the life of a code', async () => {
      const inner = memoryStore();
      const ahead: TokenStore = {
        ...watched((_method, _args, call) => call(), inner),
        consume: (id, consumption) => inner.consume(id, { ...consumption, now: consumption.now + 31 }),
      };
      const { authorize, redeem, isActive, clock } = tokenServer({ tokens: { store: ahead } });
      const code = await authorize();
      clock.now += 30;
      const { access_token } = (await redeem(code).expect(200)).body;
      assertErrorHere(await redeem(code), 400, 'invalid_grant');
      assert.equal(await isActive(access_token), false);
    });

    it("leaves the user's other authorizations alone", async () => {
      const { authorize, redeem, connect, isActive } = tokenServer();
      const others = [await connect(), await connect({}, 'bob')];
      const code = await authorize();
      await redeem(code).expect(200);
      await redeem(code).expect(400);
      for (const { access_token } of others) assert.equal(await isActive(access_token), true);
    });
  });

  it('tells whether a code is of use, so that who presses Allow twice is never sent a spent one', async () => {
    const { authorize, redeem, tokens } = tokenServer();
    const [used, unused, ended] = [await authorize(), await authorize(), await authorize({}, 'bob')];
    await redeem(used).expect(200);
    await tokens.revokeAll({ user: { id: 'bob', name: '' } });
    const spent = await Promise.all([used, unused, ended, 'made-up'].map((code) => tokens.code.isSpent(code)));
    assert.deepEqual(spent, [true, false, true, true]);
  });

  describe('a code is spent by', () => {
    const rows: readonly [what: string, more: object, client: typeof CLIENT, error: string][] = [
      ['a wrong verifier', { code_verifier: VERIFIER.replace('d', 'e') }, CLIENT, 'invalid_grant'],
    ];
    for (const [what, more, client, error] of rows) {
      it(what, async () => {
        const { authorize, redeem } = tokenServer();
        const code = await authorize();
        assertErrorHere(await redeem(code, more, client), 400, error);
        assertErrorHere(await redeem(code), 400, 'invalid_grant');
      });
    }
  });

  describe('a code is still good after', () => {
    const other = 'https://client.example/other';
    const rows: readonly [what: string, more: object, client: typeof CLIENT][] = [
      ['another registered client has presented it', {}, OTHER],
      ['another registered client has presented it with a wrong verifier', { code_verifier: 'x'.repeat(43) }, OTHER],
      ['its own client forgot the verifier', { code_verifier: undefined }, CLIENT],
      ['its own client named another redirect URI', { redirect_uri: other }, CLIENT],
      ['its own client forgot the redirect URI', { redirect_uri: undefined }, CLIENT],
    ];
    for (const [what, more, client] of rows) {
      it(what, async () => {
        const { authorize, redeem, isActive } = tokenServer();
        const code = await authorize();
        assertErrorHere(await redeem(code, more, client), 400, 'invalid_grant');
        const { body } = await redeem(code).expect(200);
        assert.equal(await isActive(body.access_token), true);
      });
    }

    it('an extension failed to add to the response', async () => {
      let fails = true;
      const { authorize, redeem, refresh, isActive } = tokenServer({
        plug: (server) =>
          void server.extend({
            name: 'an extension',
            token: {
              respond() {
                if (fails) throw new Error('it failed');
                return undefined;
              },
            },
          }),
      });
      const code = await authorize();
      assertErrorHere(await redeem(code), 500, 'server_error');
      fails = false;
      const { body } = await redeem(code).expect(200);
      fails = true;
      assertErrorHere(await refresh(body.refresh_token), 500, 'server_error');
      assert.equal(await isActive(body.refresh_token), true);
    });

    it('the signer of access tokens failed', async () => {
      let fails = true;
      const accessTokens: AccessTokens = {
        ...opaque(),
        mint(claims) {
          if (fails) throw new Error('the signer is away');
          return opaque().mint(claims);
        },
      };
      const { authorize, redeem } = tokenServer({ tokens: { accessTokens } });
      const code = await authorize();
      assertErrorHere(await redeem(code), 500, 'server_error');
      fails = false;
      await redeem(code).expect(200);
    });
  });

  describe('lifetimes: a code', () => {
    const rows: readonly [what: string, lifetimes: object | undefined, seconds: number, status: number][] = [
      ['is good for 59 s', undefined, 59, 200],
      ['ends after 60 s', undefined, 60, 400],
      ['is good for a second less than was said', { code: 10 }, 9, 200],
      ['ends when it was said to', { code: 10 }, 10, 400],
      ['is good for as long as its client may', (client: object) => (client === CLIENT ? { code: 5 } : {}), 4, 200],
      ['ends when its client says', (client: object) => (client === CLIENT ? { code: 5 } : {}), 5, 400],
    ];
    for (const [what, lifetimes, seconds, status] of rows) {
      it(what, async () => {
        const { authorize, redeem, clock } = tokenServer({ tokens: lifetimes ? { lifetimes } : {} });
        const code = await authorize();
        clock.now += seconds;
        assert.equal((await redeem(code)).status, status);
      });
    }
  });

  describe('lifetimes: an access token', () => {
    const perClient = { lifetimes: (client: object) => (client === CLIENT ? { accessToken: 300 } : {}) };
    const rows: readonly [what: string, options: object, seconds: number][] = [
      ['lives for an hour', {}, 3600],
      ['lives as long as was said', { lifetimes: { accessToken: 60 } }, 60],
      ['lives as long as its client may', perClient, 300],
    ];
    for (const [what, options, seconds] of rows) {
      it(what, async () => {
        const { connect, isActive, clock } = tokenServer({ tokens: options });
        const { access_token, expires_in } = await connect();
        assert.equal(expires_in, seconds);
        clock.now += seconds - 1;
        assert.equal(await isActive(access_token), true);
        clock.now += 1;
        assert.equal(await isActive(access_token), false);
      });
    }
  });

  describe('a refresh token is given', () => {
    const typed = (...grant_types: string[]) => ({ clients: [{ ...CLIENT, grant_types }] });
    const offline = {
      refreshTokens: (_: unknown, { scope }: { scope: readonly string[] }) => scope.includes('offline'),
    };
    const rows: readonly [what: string, setup: object, scope: string, given: boolean][] = [
      ['to a client that registered no grant types', {}, 'read', true],
      ['to one that registered it', typed('authorization_code', 'refresh_token'), 'read', true],
      ['not to one that registered others', typed('authorization_code'), 'read', false],
      ['where the policy says so', { tokens: offline }, 'read offline', true],
      ['not where it does not', { tokens: offline }, 'read', false],
      ['not where it says nothing at all', { tokens: { refreshTokens: () => undefined } }, 'read', false],
      [
        'not to one that could not use it, whatever the policy says',
        { ...typed('authorization_code'), tokens: offline },
        'offline',
        false,
      ],
    ];
    for (const [what, setup, scope, given] of rows) {
      it(what, async () => {
        const { authorize, redeem } = tokenServer(setup);
        const { body } = await redeem(await authorize({ scope })).expect(200);
        assert.equal('refresh_token' in body, given);
      });
    }
  });

  it('another client’s code or refresh token is not even handed to the check', async () => {
    const { authorize, connect, tokens } = tokenServer();
    const request = { client: OTHER, grantType: '', params: toParams(new Map()), body: {} };
    assert.equal(await tokens.code.redeem(await authorize(), request), undefined);
    assert.equal(await tokens.refreshToken.redeem((await connect()).refresh_token, request), undefined);
  });

  it('a code without a user is nobody’s to give', async () => {
    const { tokens } = tokenServer();
    const txn = { client: CLIENT, req: { type: 'code', clientID: 'client' } } as never;
    await assert.rejects(tokens.code.issue(txn, {} as never), /Nobody is logged in/);
  });

  it('a client or user that says nothing of who it is stops everything, and says which option is missing', async () => {
    const { tokens } = tokenServer({
      tokens: { subject: () => undefined as never, clientID: () => undefined as never },
    });
    const request = { client: {}, params: toParams(new Map()) } as never;
    await assert.rejects(tokens.code.redeem('x', request), /tokenService\(\{ clientID \}\)/);
    await assert.rejects(tokens.listAuthorizations({ id: '', name: '' }), /tokenService\(\{ subject \}\)/);
  });
});
