/** What an extension says of all that one client is given: `Extension.clientTerms`. */
import assert from 'node:assert/strict';
import { exchange, grant, pkce, TokenError, type TokenRequest } from 'koauthorize';
import type { TokenRecord } from 'koauthorize/tokens';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  OTHER,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';
import { recordingStore } from '../support/token-store.js';

const terms = (name: string, said: (client: App) => object | undefined): TestPlug => ({ name, clientTerms: said });
const financial = terms('financial', ({ client_id }) =>
  client_id === CLIENT.client_id ? { keepsRefreshTokens: true, codeLifetime: 60 } : undefined,
);

const CONFIDENTIAL = { ...CLIENT, token_endpoint_auth_method: 'client_secret_basic' };
const PUBLIC = { ...CLIENT, token_endpoint_auth_method: 'none' };

describe('Extension.clientTerms', () => {
  it('keepsRefreshTokens: the refresh token of that client is not replaced, whatever rotate says', async () => {
    const { connect, refresh } = pluggedServer({
      plugs: [financial],
      clients: [CONFIDENTIAL],
      tokens: { rotate: () => true },
    });
    const { refresh_token: token } = await connect();
    for (let time = 0; time < 3; time += 1) {
      const { body } = await refresh(token).expect(200);
      assert.equal('refresh_token' in body, false);
      assert.ok(body.access_token);
    }
  });
  it('keepsRefreshTokens: that refresh token lives as long as its authorization', async () => {
    const lifetimes = { refreshToken: 100, authorization: 1000 };
    const { connect, refresh, clock } = pluggedServer({
      plugs: [financial],
      clients: [CONFIDENTIAL],
      tokens: { lifetimes },
    });
    const { refresh_token: token } = await connect();
    clock.now += 900;
    await refresh(token).expect(200);
    clock.now += 101;
    assert.equal((await refresh(token).expect(400)).body.error, 'invalid_grant');
  });
  it('keepsRefreshTokens: those of other clients are replaced', async () => {
    const { connect, refresh } = pluggedServer({
      plugs: [
        terms('financial', ({ client_id }) =>
          client_id === OTHER.client_id ? { keepsRefreshTokens: true } : undefined,
        ),
      ],
    });
    const { refresh_token: token } = await connect();
    assert.notEqual((await refresh(token).expect(200)).body.refresh_token, undefined);
  });
  it('RFC 9700 §4.14.2: those of public clients are still rotated', async () => {
    const { connect, refresh } = pluggedServer({ plugs: [financial], clients: [PUBLIC] });
    const { refresh_token: token } = await connect();
    assert.notEqual((await refresh(token).expect(200)).body.refresh_token, undefined);
  });
  it('codeLifetime: a code is good for so many seconds, and the shortest that is said counts', async () => {
    const strict = terms('strict', () => ({ codeLifetime: 30 }));
    for (const [after, status] of [
      [29, 200],
      [31, 400],
    ] as const) {
      const { app, clock } = pluggedServer({ plugs: [strict, financial], tokens: { lifetimes: { code: 600 } } });
      const { code } = await browser(app).allow();
      clock.now += after;
      await exchangeCode(app, code).expect(status);
    }
  });
  it('codeLifetime: a shorter lifetime of the service stays', async () => {
    const { app, clock } = pluggedServer({ plugs: [financial], tokens: { lifetimes: { code: 10 } } });
    const { code } = await browser(app).allow();
    clock.now += 11;
    await exchangeCode(app, code).expect(400);
  });
  it('of a token service with several servers, each of them says it of its clients', async () => {
    const { tokens, clock } = pluggedServer({ tokens: { lifetimes: { code: 600 } } });
    const { app } = authorizationServer({
      clients: [CONFIDENTIAL],
      options: { tokens, now: () => clock.now },
      plug: (server) =>
        server
          .grant(grant.code<App, User>(tokens.code))
          .exchange(exchange.code(tokens.code))
          .exchange(exchange.refreshToken(tokens.refreshToken))
          .extend(pkce())
          .extend(financial),
    });
    const { code } = await browser(app).allow();
    const { refresh_token } = (await exchangeCode(app, code).expect(200)).body;
    const refreshed = await tokenRequest(app, { grant_type: 'refresh_token', refresh_token }).expect(200);
    assert.equal('refresh_token' in refreshed.body, false);
    const { code: old } = await browser(app).allow();
    clock.now += 61;
    await exchangeCode(app, old).expect(400);
  });
  it('confirm: tokens that came of no code are taken back by what it throws, and nothing else of their authorization is', async () => {
    const asked: string[] = [];
    let isThere = true;
    const confirming = (name: string, isStrict = false) =>
      terms(name, () => ({
        async confirm() {
          asked.push(name);
          if (isStrict && !isThere) throw new TokenError('It is gone', 'unauthorized_client');
        },
      }));
    const { store, calls } = recordingStore();
    const { connect, tokens, app } = pluggedServer({
      plugs: [confirming('first'), confirming('second', true), confirming('third')],
      tokens: { store, clientScope: () => ['read'] },
    });
    const { app: other } = authorizationServer({
      options: { tokens },
      plug: (server) => server.exchange(exchange.clientCredentials(tokens.clientCredentials)),
    });
    const { access_token } = await connect();
    assert.deepEqual(asked, [], 'a code was spent: what was revoked has ended with it');
    await tokenRequest(app, { grant_type: 'client_credentials' }).expect(200);
    assert.deepEqual(asked.splice(0), ['first', 'second', 'third']);
    isThere = false;
    const whole = await tokens.verify(access_token);
    const request = { client: CLIENT, params: new Map() } as unknown as TokenRequest<App>;
    calls.length = 0;
    for (const at of [app, other]) {
      const { status, body } = await tokenRequest(at, { grant_type: 'client_credentials' });
      assert.deepEqual([status, body.error], [400, 'unauthorized_client'], 'of each server');
    }
    const { authorizationID: within } = whole ?? {};
    await assert.rejects(tokens.issue({ subject: 'alice', scope: ['read'], within }, request), {
      message: 'It is gone',
    });
    await assert.rejects(tokens.issue({ subject: 'alice', scope: ['read'] }, request), { message: 'It is gone' });
    const stored = calls.flatMap(({ method, args: [put] }) =>
      method === 'put' ? (put as readonly TokenRecord[]) : [],
    );
    assert.equal(stored.length, 6, 'a refresh token and its family among them');
    for (const { id, expiresAt } of stored) assert.equal(await store.get(id, expiresAt - 1), undefined);
    assert.deepEqual(await tokens.verify(access_token), whole);
  });
  it('what a client knows a user by: each of several servers says it (RFC 9068 §6)', async () => {
    const { tokens, clock } = pluggedServer();
    const { app } = authorizationServer({
      options: { tokens, now: () => clock.now },
      plug: (server) =>
        server
          .grant(grant.code<App, User>(tokens.code))
          .exchange(exchange.code(tokens.code))
          .extend(pkce())
          .extend({ name: 'pairwise', outwardSubject: (subject) => `pairwise ${subject}` }),
    });
    const { code } = await browser(app).allow();
    const { access_token } = (await exchangeCode(app, code).expect(200)).body;
    const told = await tokens.introspect(access_token, CLIENT);
    assert.equal(told.active && told.sub, 'pairwise alice');
  });
  it('a promise is an error, and not a yes', async () => {
    const { app, errors } = pluggedServer({ plugs: [terms('late', async () => ({ keepsRefreshTokens: true }))] });
    await browser(app).allow();
    assert.match(String(errors.at(-1)), /clientTerms of late gave a promise/);
  });
});
