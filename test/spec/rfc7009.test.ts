/** RFC 7009: OAuth 2.0 Token Revocation. */
import assert from 'node:assert/strict';
import { jwks, metadata, type Revoke, revocation } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authenticateClient,
  authorizationServer,
  CLIENT,
  ISSUER,
  OTHER,
} from '../support/authorization-server.js';
import { assertErrorHere, assertInvalidClient, assertNoStore } from '../support/form.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';

describe('RFC 7009: revocation', () => {
  it('§2.1: of an access token ends it alone', async () => {
    const { connect, refresh, revoke, isActive } = tokenServer();
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    const response = await revoke(first.access_token);
    assert.deepEqual([response.status, response.text], [200, '{}']);
    assertNoStore(response);
    assert.equal(await isActive(first.access_token), false);
    assert.deepEqual([await isActive(second.access_token), await isActive(second.refresh_token)], [true, true]);
    await refresh(second.refresh_token).expect(200);
  });

  it('§2.1: of an access token that is all its client has ends the authorization', async () => {
    const { connect, revoke, tokens, isActive, events } = tokenServer({ tokens: { refreshTokens: () => false } });
    const [first, other] = [await connect(), await connect()];
    await revoke(first.access_token).expect(200);
    assert.deepEqual([await isActive(first.access_token), await isActive(other.access_token)], [false, true]);
    assert.equal((await tokens.listAuthorizations({ id: 'alice', name: '' })).length, 1);
    assert.deepEqual(
      events.slice(-4).flatMap(({ name }) => (name === 'introspected' ? [] : [name])),
      ['familyRevoked', 'revoked'],
    );
  });

  it('§2.1: of an access token that a client got for itself ends it alone: no user has allowed it anything', async () => {
    const { request, revoke, tokens, events } = tokenServer();
    const { body } = await request({ grant_type: 'client_credentials' }, WORKER).expect(200);
    await revoke(body.access_token, WORKER).expect(200);
    assert.equal(await tokens.verify(body.access_token), undefined);
    assert.deepEqual(
      events.map(({ name }) => name),
      ['issued', 'revoked'],
    );
  });

  it('§2.1: of an access token that came again within the grace window ends it alone', async () => {
    const { connect, refresh, revoke, isActive } = tokenServer();
    const { refresh_token } = await connect();
    const { body } = await refresh(refresh_token).expect(200);
    const { body: less } = await refresh(refresh_token, { scope: 'read' }).expect(200);
    await revoke(less.access_token).expect(200);
    assert.deepEqual([await isActive(less.access_token), await isActive(body.refresh_token)], [false, true]);
  });

  it('§2.1: of a refresh token ends all that came from the same authorization', async () => {
    const { connect, refresh, revoke, isActive } = tokenServer();
    const other = await connect();
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    await revoke(second.refresh_token).expect(200);
    for (const token of [first.access_token, second.access_token, second.refresh_token])
      assert.equal(await isActive(token), false);
    assertErrorHere(await refresh(second.refresh_token), 400, 'invalid_grant');
    assertErrorHere(await refresh(first.refresh_token), 400, 'invalid_grant');
    assert.deepEqual([await isActive(other.access_token), await isActive(other.refresh_token)], [true, true]);
  });

  it('of a spent refresh token ends all of it too: another tab refreshed while this one logs out', async () => {
    const { connect, refresh, revoke, isActive } = tokenServer();
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    await revoke(first.refresh_token).expect(200);
    for (const token of [second.access_token, second.refresh_token]) assert.equal(await isActive(token), false);
  });

  it('of a refresh token during a refresh leaves no valid token', async () => {
    for (let round = 0; round < 10; round++) {
      const { connect, refresh, revoke, isActive } = tokenServer();
      const { access_token, refresh_token } = await connect();
      const requests = [refresh(refresh_token), revoke(refresh_token), refresh(refresh_token)];
      const responses = await Promise.all(round % 2 ? requests.reverse() : requests);
      const handedOut = responses.flatMap(({ body }) => [body.access_token, body.refresh_token]);
      for (const token of [access_token, refresh_token, ...handedOut])
        if (token) assert.equal(await isActive(token), false);
    }
  });

  describe('§2.1: what is not this client’s to revoke is left alone, and no error', () => {
    for (const client of [OTHER, API]) {
      it(`of another client's, by ${client.client_id}`, async () => {
        const { connect, refresh, revoke, isActive } = tokenServer();
        const first = await connect();
        const second = (await refresh(first.refresh_token).expect(200)).body;
        for (const token of [first.access_token, first.refresh_token, second.access_token, second.refresh_token]) {
          const response = await revoke(token, client);
          assert.deepEqual([response.status, response.text], [200, '{}']);
        }
        for (const token of [first.access_token, second.access_token, second.refresh_token])
          assert.equal(await isActive(token), true);
      });
    }

    it('a code', async () => {
      const { authorize, redeem, revoke } = tokenServer();
      const code = await authorize();
      await revoke(code).expect(200);
      await redeem(code).expect(200);
    });
  });

  it('§2.2: what is unknown, or was revoked before, is 200', async () => {
    const { connect, revoke } = tokenServer();
    const { access_token } = await connect();
    for (const token of ['made-up', access_token, access_token, 'AAAa', '__proto__']) {
      const response = await revoke(token);
      assert.deepEqual([response.status, response.text], [200, '{}']);
      assertNoStore(response);
    }
  });

  describe('§2.1: token_type_hint is only a hint', () => {
    for (const hint of ['access_token', 'refresh_token', 'unknown', '__proto__']) {
      it(hint, async () => {
        const { connect, revoke, isActive } = tokenServer();
        const { access_token, refresh_token } = await connect();
        await revoke(access_token, CLIENT, { token_type_hint: hint }).expect(200);
        assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [false, true]);
        await revoke(refresh_token, CLIENT, { token_type_hint: hint }).expect(200);
        assert.equal(await isActive(refresh_token), false);
      });
    }
  });

  it('§2.1: the caller must authenticate: 401, and nothing is revoked', async () => {
    const { app, connect, isActive } = tokenServer();
    const { refresh_token } = await connect();
    const ask = () => request(app.callback()).post('/revoke').type('form').send({ token: refresh_token });
    for (const response of [await ask(), await ask().auth('client', 'wrong')]) assertInvalidClient(response);
    assert.equal(await isActive(refresh_token), true);
  });

  describe('§2.1: the request is a form, POSTed, with one token', () => {
    for (const method of ['get', 'put', 'delete'] as const) {
      it(`${method}: 405`, async () => {
        const { app, connect, isActive } = tokenServer();
        const { access_token } = await connect();
        const ask = request(app.callback())[method]('/revoke').query({ token: access_token });
        assertErrorHere(await ask.auth('client', 'client-secret'), 405, 'invalid_request');
        assert.equal(await isActive(access_token), true);
      });
    }
    for (const body of ['token_type_hint=access_token', 'token=', 'token=a&token=b']) {
      it(body, async () => {
        const { app } = tokenServer();
        const ask = request(app.callback()).post('/revoke').auth('client', 'client-secret').type('form').send(body);
        assertErrorHere(await ask, 400, 'invalid_request');
      });
    }
  });

  describe('with a callback in place of the service', () => {
    const callbackServer = (revoke: Revoke<App>) =>
      authorizationServer({
        routes: (router, server) =>
          router.post('/revoke', authenticateClient([CLIENT]), server.endpoint(revocation(revoke))),
      });
    const ask = ({ app }: ReturnType<typeof callbackServer>, body: string) =>
      request(app.callback()).post('/revoke').auth('client', 'client-secret').type('form').send(body);

    it('is given the token, the client and the hint', async () => {
      const calls: unknown[][] = [];
      const server = callbackServer((...args) => void calls.push(args));
      await ask(server, 'token=a%20token&token_type_hint=refresh_token').expect(200, '{}');
      await ask(server, 'token=t').expect(200, '{}');
      assert.deepEqual(calls, [
        ['a token', CLIENT, 'refresh_token'],
        ['t', CLIENT, undefined],
      ]);
    });

    it('is waited for, and when it fails that is not hidden', async () => {
      const server = callbackServer(async () => {
        await new Promise(setImmediate);
        throw new Error('of the database');
      });
      const response = await ask(server, 'token=t');
      assertErrorHere(response, 500, 'server_error');
      assert.doesNotMatch(response.text, /database/);
      assert.match(String(server.errors[0]), /of the database/);
    });
  });

  it('RFC 8414 §2: stands in the metadata by itself, as do the keys', async () => {
    const { app } = authorizationServer({
      routes(router, server) {
        router.post('/elsewhere', server.endpoint(revocation(() => {}, { url: '/oauth/revoke' })));
        router.get('/keys', server.endpoint(jwks({ jwks: () => ({ keys: [] }) }, { url: 'https://keys.example/' })));
        router.get('/metadata', server.endpoint(metadata()));
      },
    });
    const { body } = await request(app.callback()).get('/metadata').expect(200);
    const { revocation_endpoint, jwks_uri, introspection_endpoint } = body;
    assert.deepEqual(
      [revocation_endpoint, jwks_uri, introspection_endpoint],
      [`${ISSUER}/oauth/revoke`, 'https://keys.example/', undefined],
    );
    const defaults = tokenServer({ keys: { jwks: () => ({ keys: [] }) } as never });
    const document = await request(defaults.app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(
      [document.body.introspection_endpoint, document.body.revocation_endpoint, document.body.jwks_uri],
      [`${ISSUER}/introspect`, `${ISSUER}/revoke`, `${ISSUER}/jwks`],
    );
  });
});
