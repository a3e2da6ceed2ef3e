/** draft-ietf-oauth-refresh-token-expiration-03: OAuth 2.0 Refresh Token and Authorization Expiration. */
import assert from 'node:assert/strict';
import { type Introspect, introspection, refreshTokenExpiration, type TokenInquiry } from 'koauthorize';
import type { TokenServiceOptions } from 'koauthorize/tokens';
import request from 'supertest';
import {
  type App,
  authenticateClient,
  authorizationServer,
  CLIENT,
  OTHER,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';

const DAY = 24 * 60 * 60;
const lifetimes = { refreshToken: 7 * DAY, authorization: 10 * DAY };

const expiring = (tokens: Partial<TokenServiceOptions<App, User>> = {}) =>
  tokenServer({ tokens: { lifetimes, ...tokens }, plug: (server) => server.extend(refreshTokenExpiration()) });

const said = (body: object) =>
  Object.entries(body).filter(([name]) => name === 'refresh_token_timeout' || name === 'authorization_expires_in');
const both = (timeout: number, authorization: number) => [
  ['refresh_token_timeout', timeout],
  ['authorization_expires_in', authorization],
];

describe('refresh token expiration', () => {
  it('§6.3 counts down and expires as in the example of the specification', async () => {
    const { connect, refresh, clock } = expiring();
    const tokens = await connect();
    assert.deepEqual(said(tokens), both(7 * DAY, 10 * DAY));
    clock.now += 2 * DAY;
    const { body: second } = await refresh(tokens.refresh_token).expect(200);
    assert.deepEqual(said(second), both(7 * DAY, 8 * DAY));
    clock.now += 5 * DAY;
    const { body: third } = await refresh(second.refresh_token).expect(200);
    assert.deepEqual(said(third), both(3 * DAY, 3 * DAY), '§6.1: the timeout is never more than the authorization has');
    clock.now += 3 * DAY;
    assertErrorHere(await refresh(third.refresh_token), 400, 'invalid_grant');
  });

  it('§6.3 a refresh token that was held for longer than its timeout is refused, though the authorization lasts', async () => {
    const { connect, refresh, clock } = expiring();
    const { refresh_token } = await connect();
    clock.now += 8 * DAY;
    assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
  });

  it('§5 an access token never outlives the authorization', async () => {
    const { connect, refresh, clock } = expiring({ lifetimes: { ...lifetimes, refreshToken: 10 * DAY } });
    const { refresh_token } = await connect();
    clock.now += 10 * DAY - 60;
    const { body } = await refresh(refresh_token).expect(200);
    assert.deepEqual([body.expires_in, ...said(body)], [60, ...both(60, 60)]);
  });

  it('§6.1 a refresh token that is never replaced lasts as long as its authorization', async () => {
    const { connect, refresh, clock } = expiring({ rotate: () => false });
    const tokens = await connect();
    assert.deepEqual(said(tokens), both(10 * DAY, 10 * DAY));
    clock.now += 8 * DAY;
    const { body } = await refresh(tokens.refresh_token).expect(200);
    assert.deepEqual(said(body), [], 'a response without a refresh token says nothing of one');
  });

  it('§6.1 a response without a refresh token has neither', async () => {
    const { request } = expiring();
    const { body } = await request({ grant_type: 'client_credentials' }, WORKER).expect(200);
    assert.deepEqual(said(body), []);
  });

  it('§6.1 a response that is sent again says what is left by then', async () => {
    const { connect, refresh, clock } = expiring({ grace: 10 });
    const { refresh_token } = await connect();
    await refresh(refresh_token).expect(200);
    clock.now += 4;
    const { body: again } = await refresh(refresh_token).expect(200);
    assert.deepEqual(said(again), both(7 * DAY - 4, 10 * DAY - 4));
    const { body: less } = await refresh(refresh_token, { scope: 'read' }).expect(200);
    assert.deepEqual([less.scope, ...said(less)], ['read', ...both(7 * DAY - 4, 10 * DAY - 4)]);
  });

  describe('§7 introspection', () => {
    it('tells a client of its refresh token what the response said, less the time since', async () => {
      const { connect, introspect, clock } = expiring();
      const { refresh_token } = await connect();
      for (const [days, expected] of [
        [0, both(7 * DAY, 10 * DAY)],
        [2, both(5 * DAY, 8 * DAY)],
      ] as const) {
        clock.now += days * DAY;
        const { body } = await introspect(refresh_token).expect(200);
        assert.deepEqual([body.active, ...said(body)], [true, ...expected]);
      }
    });

    it('never tells more than the authorization has, and nothing of what has ended', async () => {
      const { connect, introspect, refresh, clock } = expiring();
      const first = await connect();
      clock.now += 6 * DAY;
      const { body: second } = await refresh(first.refresh_token).expect(200);
      const { body } = await introspect(second.refresh_token).expect(200);
      assert.deepEqual(said(body), both(4 * DAY, 4 * DAY));
      for (const spent of [first.refresh_token, second.refresh_token, 'unknown']) {
        if (spent === second.refresh_token) clock.now += 4 * DAY;
        assert.deepEqual((await introspect(spent).expect(200)).body, { active: false });
      }
    });

    it('a refresh token that is never replaced lasts as long as its authorization', async () => {
      const { connect, introspect, clock } = expiring({ rotate: () => false });
      const { refresh_token } = await connect();
      clock.now += 8 * DAY;
      assert.deepEqual(said((await introspect(refresh_token).expect(200)).body), both(2 * DAY, 2 * DAY));
    });

    it('§6.1 never tells that the authorization ends before its refresh token, though it is shorter by now', async () => {
      const now = { ...lifetimes, code: 60, accessToken: 3600 };
      const { connect, introspect } = expiring({ lifetimes: () => now });
      const { refresh_token } = await connect();
      now.authorization = DAY;
      assert.deepEqual(said((await introspect(refresh_token).expect(200)).body), both(7 * DAY, 7 * DAY));
    });

    it('§6.1 tells of an authorization with an end of its own that it ends then, as the response did', async () => {
      const endsAt = 1_767_225_600 + 8 * DAY; // the clock of tokenServer() begins then
      const { connect, introspect, refresh, clock } = tokenServer({
        tokens: { lifetimes },
        plug: (server) =>
          server
            .extend(refreshTokenExpiration())
            .extend({ name: 'ends', adds: ['endsAt'], authorization: { authorize: () => ({ endsAt }) } }),
      });
      const first = await connect();
      assert.deepEqual(said(first), both(7 * DAY, 8 * DAY));
      assert.deepEqual(said((await introspect(first.refresh_token).expect(200)).body), both(7 * DAY, 8 * DAY));
      clock.now += 2 * DAY;
      const { body: second } = await refresh(first.refresh_token).expect(200);
      assert.deepEqual(said((await introspect(second.refresh_token).expect(200)).body), both(6 * DAY, 6 * DAY));
    });

    it('does not prolong the timeout of the token that it is asked about', async () => {
      const { connect, introspect, refresh, clock } = expiring();
      const { refresh_token } = await connect();
      clock.now += 7 * DAY - 1;
      await introspect(refresh_token).expect(200);
      clock.now += 1;
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    });

    it('says nothing of access tokens, nor to other clients', async () => {
      const { connect, introspect } = expiring();
      const { access_token, refresh_token } = await connect();
      for (const client of [CLIENT, API]) {
        const { body } = await introspect(access_token, client).expect(200);
        assert.deepEqual([body.active, ...said(body)], [true]);
      }
      for (const client of [API, OTHER])
        assert.deepEqual((await introspect(refresh_token, client).expect(200)).body, { active: false });
    });

    it('says what an introspect of the application gives, which learns that it is asked for', async () => {
      const asked: (TokenInquiry | undefined)[] = [];
      const own: Introspect<App> = (_token, _client, _hint, inquiry) => {
        asked.push(inquiry);
        return { active: true, client_id: 'client', refresh_token_timeout: 5 };
      };
      for (const extensions of [[refreshTokenExpiration<App, User>()], []]) {
        const { app } = authorizationServer({
          clients: [CLIENT],
          plug: (server) => extensions.map((extension) => server.extend(extension)),
          routes: (router, server) =>
            router.post('/introspect', authenticateClient([CLIENT]), server.endpoint(introspection(own))),
        });
        const { body } = await request(app.callback())
          .post('/introspect')
          .auth('client', 'client-secret')
          .type('form')
          .send({ token: 'any' })
          .expect(200);
        assert.deepEqual(said(body), [['refresh_token_timeout', 5]]);
      }
      assert.deepEqual(asked, [{ tellsExpiration: true }, {}]);
    });
  });

  it('§8 the metadata says that both are told', async () => {
    const { app } = expiring();
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(body.refresh_token_expiration_types_supported, ['authorization', 'token_timeout']);
  });

  it('without the extension nothing is said anywhere', async () => {
    const { app, connect, introspect } = tokenServer();
    const tokens = await connect();
    assert.deepEqual(said(tokens), []);
    assert.deepEqual(said((await introspect(tokens.refresh_token).expect(200)).body), []);
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal('refresh_token_expiration_types_supported' in body, false);
  });
});
