/** Tokens with no code before them: RFC 6749 §4.2 to §4.4. */
import assert from 'node:assert/strict';
import { browser, CLIENT, redirected, type User } from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';

describe('token service: client credentials', () => {
  const ask = { grant_type: 'client_credentials' };

  const granted: readonly [what: string, params: object, scope: string][] = [
    ['without a scope, all that the client may have', {}, 'jobs mail'],
    ['a part of it', { scope: 'mail' }, 'mail'],
    ['all of it', { scope: 'mail jobs' }, 'mail jobs'],
  ];
  for (const [what, params, scope] of granted) {
    it(`RFC 6749 §3.3: ${what}`, async () => {
      const { request, introspect, clock } = tokenServer();
      const response = await request({ ...ask, ...params }, WORKER).expect(200);
      assertNoStore(response);
      const { access_token, ...rest } = response.body;
      // §4.4.3: a refresh token SHOULD NOT be included
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope });
      assert.deepEqual((await introspect(access_token, WORKER)).body, {
        active: true,
        client_id: 'worker',
        sub: 'worker',
        token_type: 'Bearer',
        iat: clock.now,
        exp: clock.now + 3600,
        scope,
      });
    });
  }

  for (const scope of ['admin', 'jobs admin', 'jobs mail mai']) {
    it(`more than the client may have: ${scope}`, async () => {
      const { request, events } = tokenServer();
      assertErrorHere(await request({ ...ask, scope }, WORKER), 400, 'invalid_scope');
      assert.deepEqual(events, []);
    });
  }

  it('a client that registered no scope may have none', async () => {
    const { request } = tokenServer();
    assert.equal('scope' in (await request(ask).expect(200)).body, false);
    assertErrorHere(await request({ ...ask, scope: 'jobs' }), 400, 'invalid_scope');
  });

  it('the option clientScope says what a client may have', async () => {
    const { request } = tokenServer({ tokens: { clientScope: ({ client_id }) => [`of:${client_id}`] } });
    assert.equal((await request(ask, WORKER).expect(200)).body.scope, 'of:worker');
    assertErrorHere(await request({ ...ask, scope: 'jobs' }, WORKER), 400, 'invalid_scope');
  });

  it('what clientScope gives as text is read as words, never as a text that has others within', async () => {
    const { request } = tokenServer({ tokens: { clientScope: () => 'jobs.readonly admin' as never } });
    assert.equal((await request(ask).expect(200)).body.scope, 'jobs.readonly admin');
    assert.equal((await request({ ...ask, scope: 'admin' }).expect(200)).body.scope, 'admin');
    for (const scope of ['jobs', 'jobs.read', 'min'])
      assertErrorHere(await request({ ...ask, scope }), 400, 'invalid_scope');
  });

  it('each is an authorization of its own, and no user’s', async () => {
    const { request, tokens } = tokenServer();
    const bodies = await Promise.all([1, 2].map(async () => (await request(ask, WORKER)).body));
    const verified = await Promise.all(bodies.map(({ access_token }) => tokens.verify(access_token)));
    assert.notEqual(verified[0]?.authorizationID, verified[1]?.authorizationID);
    assert.equal(verified[0]?.subject, undefined);
    assert.deepEqual(await tokens.listAuthorizations({ id: 'worker', name: '' }), []);
  });
});

describe('token service: the password grant', () => {
  const ask = { grant_type: 'password', username: 'alice', password: 'wonderland' };
  const seen: unknown[][] = [];
  const authenticate = async (username: string, password: string, client: unknown): Promise<User | undefined> => {
    seen.push([username, password, client]);
    return password === 'wonderland' ? { id: username, name: '' } : undefined;
  };
  const clients = [{ ...CLIENT, scope: 'read write', grant_types: ['password', 'refresh_token'] }, API];

  it('gives the user’s tokens, with what the client may have', async () => {
    const { request, introspect, refresh, tokens } = tokenServer({ clients, tokens: { authenticate } });
    const { body } = await request({ ...ask, scope: 'read' }).expect(200);
    assert.deepEqual(seen.at(-1), ['alice', 'wonderland', clients[0]]);
    const { sub, scope } = (await introspect(body.access_token)).body;
    assert.deepEqual({ sub, scope }, { sub: 'alice', scope: 'read' });
    assert.equal((await tokens.listAuthorizations({ id: 'alice', name: '' })).length, 1);
    await refresh(body.refresh_token).expect(200);
    assertErrorHere(await request({ ...ask, scope: 'admin' }), 400, 'invalid_scope');
  });

  it('gives no refresh token where the policy says so', async () => {
    const { request } = tokenServer({ clients, tokens: { authenticate, refreshTokens: () => false } });
    assert.equal('refresh_token' in (await request(ask).expect(200)).body, false);
  });

  it('a wrong password is invalid_grant, and an event without it', async () => {
    const { request, events } = tokenServer({ clients, tokens: { authenticate } });
    assertErrorHere(await request({ ...ask, password: 'looking-glass' }), 400, 'invalid_grant');
    assert.deepEqual(
      events.map(({ name }) => name),
      ['denied'],
    );
    assert.doesNotMatch(JSON.stringify(events), /looking-glass/);
  });

  it('needs the option authenticate: nothing is given without', async () => {
    const { request, errors } = tokenServer({ clients });
    assertErrorHere(await request(ask), 500, 'server_error');
    assert.match(String(errors[0]), /tokenService\(\{ authenticate \}\)/);
  });
});

describe('token service: the implicit grant', () => {
  it('RFC 6749 §4.2.2: an access token, and no refresh token', async () => {
    const { app, introspect, store, clock } = tokenServer();
    const { authorize, decide } = browser(app);
    const dialog = await authorize({
      response_type: 'token',
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const params = redirected(await decide(dialog.body.transactionID));
    assert.deepEqual(Object.keys(params).sort(), ['access_token', 'expires_in', 'iss', 'scope', 'state', 'token_type']);
    assert.deepEqual(
      (await store.list('alice', clock.now)).map(({ kind }) => kind),
      ['access_token'],
    );
    const { sub, client_id, scope } = (await introspect(params['access_token'] ?? '')).body;
    assert.deepEqual({ sub, client_id, scope }, { sub: 'alice', client_id: 'client', scope: 'read write' });
  });
});
