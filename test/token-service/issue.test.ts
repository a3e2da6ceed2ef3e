/** `tokens.issue`: the door for grants that have no slot. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { type Exchange, scopeOf, type TokenRequest } from 'koauthorize';
import { type Allowed, generateSigningKey, jwt, keySet, tokenService } from 'koauthorize/tokens';
import { type App, CLIENT, ISSUER, type User } from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { API, type Registered, type TokenSetup, tokenServer } from '../support/token-server.js';
import { breakableStore } from '../support/token-store.js';

const TICKET = 'urn:example:ticket';
const ALICE: User = { id: 'alice', name: 'Alice' };
const ask = { grant_type: TICKET, ticket: 'a ticket' };

/** A server with a grant of its own, which allows what the test says. */
function ticketServer(allowed: Allowed<User>, setup: TokenSetup = {}, added: Partial<TokenRequest<App>> = {}) {
  const checked: unknown[] = [];
  const server = tokenServer({
    ...setup,
    plug(each) {
      const tickets: Exchange<App> = {
        name: TICKET,
        parse: (params) => ({ scope: scopeOf({ scope: params.get('scope') }) }),
        redeem: (request) => ({ issue: (_check, respond) => server.tokens.issue(allowed, request, respond) }),
      };
      each.extend({
        name: 'tickets',
        exchanges: [tickets],
        token: { parse: () => added, check: (authorization) => void checked.push(authorization) },
      });
      setup.plug?.(each);
    },
  });
  return { ...server, checked };
}

const typed = (more: Partial<Registered>): readonly Registered[] => [{ ...CLIENT, ...more }, API];

describe('token service: issue, for grants of one’s own', () => {
  it('RFC 6749 §4.5: gives a user’s tokens over HTTP, which are refreshed, listed and revoked as all others', async () => {
    const server = ticketServer({ user: ALICE, scope: ['read', 'write'] });
    const response = await server.request({ ...ask, scope: 'read' }).expect(200);
    assertNoStore(response);
    const { access_token, refresh_token, ...rest } = response.body;
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'read' });
    const { sub, scope } = (await server.introspect(access_token, API)).body;
    assert.deepEqual({ sub, scope }, { sub: 'alice', scope: 'read' });
    const refreshed = (await server.refresh(refresh_token).expect(200)).body;
    assert.equal(refreshed.scope, 'read write', 'what was allowed, not what was asked for first');
    assert.equal((await server.tokens.listAuthorizations(ALICE)).length, 1);
    assert.deepEqual(
      server.events.map(({ name, event }) => [name, event['subject']]).filter(([name]) => name !== 'introspected'),
      [
        ['issued', 'alice'],
        ['refreshed', 'alice'],
      ],
    );
    await server.revoke(refreshed.refresh_token).expect(200);
    assert.equal(await server.isActive(refreshed.access_token), false);
  });

  const audiences: readonly (readonly [allowed: unknown, asked: unknown])[] = [
    ['https://api.example/reports', ['https://api.example/']],
    ['https://api.example/reports', undefined],
    [undefined, 'https://api.example/reports'],
    [['https://api.example/', 7], undefined],
  ];
  for (const [audience, asked] of audiences)
    it(`an audience that is no list of texts is in no token: ${JSON.stringify([audience, asked])}`, async () => {
      const { request, errors, events } = ticketServer({ user: ALICE, audience } as never, {}, {
        audience: asked,
      } as never);
      assert.equal((await request(ask).expect(500)).body.error, 'server_error');
      assert.match(String(errors.at(-1)), /TypeError: .*audience/);
      assert.deepEqual(events, [], 'none was issued');
    });

  for (const [name, meant] of Object.entries({
    scopes: 'scope',
    User: 'user',
    subjects: 'subject',
    clientId: 'clientID',
  }))
    it(`a member that is misspelt is an error, and not what is given where it is missing: ${name}`, async () => {
      const { request, errors } = ticketServer({ subject: 'bob', [name]: ['read'] } as never);
      assert.equal((await request(ask).expect(500)).body.error, 'server_error');
      assert.equal(String(errors.at(-1)), `TypeError: tokens.issue has no option ${name}. Did you mean ${meant}?`);
    });

  it('a part of an authorization ends with it, and once that has ended nothing is issued', async () => {
    const allowed: { user: User; scope: string[]; within?: string } = { user: ALICE, scope: ['read'] };
    const { request, isActive, tokens } = ticketServer(allowed);
    await request(ask).expect(200);
    const [whole] = await tokens.listAuthorizations(ALICE);
    allowed.within = whole?.authorizationID ?? '';
    const part = (await request(ask).expect(200)).body;
    assert.equal('refresh_token' in part, false);
    await tokens.revokeAuthorization(ALICE, allowed.within);
    assert.equal(await isActive(part.access_token), false);
    assertErrorHere(await request(ask), 400, 'invalid_grant');
  });

  it('a user who is called nothing is nobody, and gets nothing', async () => {
    const { request, errors } = ticketServer({ user: { id: '', name: 'Nobody' }, scope: ['read'] });
    assertErrorHere(await request(ask), 500, 'server_error');
    assert.match(
      String((errors.at(-1) as Error).cause ?? errors.at(-1)),
      /createServer\(\{ subject \}\), or tokenService\(\{ subject \}\), is needed: nothing says who this is/,
    );
  });

  it('what a store does not keep is not allowed: a user would be told so, and the device would wait in vain', async () => {
    const { store } = breakableStore();
    const { pending } = tokenService<App, User>({ store: { ...store, put: async () => false } });
    const authorization = {
      ...{ clientID: CLIENT.client_id, redirectURI: '', scope: ['read'] },
      request: { type: '', clientID: CLIENT.client_id },
    };
    await assert.rejects(pending.keep(authorization, ALICE, 2_000_000_000), /has not kept/);
  });

  it('a subject stands for a user that is not here', async () => {
    const { request, introspect, tokens } = ticketServer({ subject: 'bob', scope: ['read'] });
    const { body } = await request(ask).expect(200);
    assert.equal((await introspect(body.access_token, API)).body.sub, 'bob');
    assert.equal((await tokens.listAuthorizations({ id: 'bob', name: '' })).length, 1);
  });

  it('without either the client acts for itself: no refresh token, and nothing for a public client', async () => {
    const { request, introspect } = ticketServer({ scope: ['jobs'] });
    const { body } = await request(ask).expect(200);
    assert.equal('refresh_token' in body, false);
    assert.equal((await introspect(body.access_token, API)).body.sub, CLIENT.client_id);
    const open = ticketServer(
      { scope: ['jobs'] },
      { clients: typed({ token_endpoint_auth_method: 'none' } as object) },
    );
    assertErrorHere(await open.request(ask), 400, 'unauthorized_client');
  });

  it('never gives a scope that the client did not register', async () => {
    const allowed = { user: ALICE, scope: ['read', 'admin'] };
    const { request, refresh } = ticketServer(allowed, { clients: typed({ scope: 'read write' }) });
    const { body } = await request(ask).expect(200);
    assert.equal(body.scope, 'read');
    assert.equal((await refresh(body.refresh_token).expect(200)).body.scope, 'read');
    const nothing = ticketServer({ user: ALICE, scope: ['admin'] }, { clients: typed({ scope: 'read write' }) });
    assertErrorHere(await nothing.request(ask), 400, 'invalid_scope');
    assert.deepEqual(nothing.events, []);
  });

  it('never gives a scope that was asked for and not allowed', async () => {
    const { request } = ticketServer({ user: ALICE, scope: ['read'] });
    assert.equal((await request({ ...ask, scope: 'read write' }).expect(200)).body.scope, 'read');
    assertErrorHere(await request({ ...ask, scope: 'write' }), 400, 'invalid_scope');
  });

  it('never gives a refresh token to a client that registered other grant types', async () => {
    const { request } = ticketServer({ user: ALICE, scope: ['read'] }, { clients: typed({ grant_types: [TICKET] }) });
    assert.equal('refresh_token' in (await request(ask).expect(200)).body, false);
  });

  for (const allowed of [{ subject: 'client' }, { subject: 'api' }, { user: { id: 'client', name: '' } }]) {
    it(`RFC 9700 §4.15: no user has the identifier of a client: ${JSON.stringify(allowed)}`, async () => {
      const findClient = (id: string) => [CLIENT, API].find(({ client_id }) => client_id === id);
      const { request, events, errors } = ticketServer({ ...allowed, scope: ['read'] }, { tokens: { findClient } });
      assertErrorHere(await request(ask), 500, 'server_error');
      assert.match(String(errors[0]), /A user and a client have one identifier/);
      assert.deepEqual(events, []);
    });
  }

  it('what another client was allowed is not this client’s', async () => {
    const { request } = ticketServer({ clientID: 'other', user: ALICE, scope: ['read'] });
    assertErrorHere(await request(ask), 400, 'invalid_grant');
  });

  it('a user and a subject that differ are a mistake, and so is a subject that names nobody', async () => {
    const rows: readonly [Allowed<User>, RegExp][] = [
      [{ user: ALICE, subject: 'bob' }, /the user is alice, and the subject bob/],
      [{ subject: '' }, /names nobody/],
    ];
    for (const [allowed, message] of rows) {
      const { request, errors, events } = ticketServer({ ...allowed, scope: ['read'] });
      assertErrorHere(await request(ask), 500, 'server_error');
      assert.match(String(errors[0]), message);
      assert.deepEqual(events, []);
    }
  });

  it('RFC 8705 §4: binds a public client’s refresh token to the key of the request', async () => {
    const clients = typed({ token_endpoint_auth_method: 'none' } as object);
    const allowed = { user: ALICE, scope: ['read'] };
    const { request, refresh, checked } = ticketServer(allowed, { clients }, { confirmation: { 'x5t#S256': 'a key' } });
    const { body } = await request(ask).expect(200);
    await refresh(body.refresh_token).expect(200);
    assert.deepEqual((checked.at(-1) as { confirmation?: unknown }).confirmation, { 'x5t#S256': 'a key' });
  });

  it('keeps further members of what was allowed: they are there at each refresh', async () => {
    const { request, refresh, checked } = ticketServer({ user: ALICE, scope: ['read'], ...{ session: { id: 7 } } });
    const { body } = await request(ask).expect(200);
    const next = (await refresh(body.refresh_token).expect(200)).body;
    await refresh(next.refresh_token).expect(200);
    assert.deepEqual(
      checked.map((each) => (each as { session?: unknown }).session),
      [{ id: 7 }, { id: 7 }],
    );
  });

  it('what the request adds to the access token is in it, and its audience wins over the usual one', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const accessTokens = jwt({ issuer: ISSUER, audience: 'https://usual.example', keys });
    const added = {
      audience: ['https://one.example'],
      claims: { act: { sub: 'service' } },
      notes: { from: 'a ticket' },
      tokenType: 'DPoP',
      confirmation: { 'x5t#S256': 'a key' },
    };
    const server = ticketServer({ user: ALICE, scope: ['read'] }, { tokens: { accessTokens } }, added);
    const { body } = await server.request(ask).expect(200);
    assert.equal(body.token_type, 'DPoP');
    const { aud, act, cnf, from } = decodeJwt(body.access_token);
    assert.deepEqual(
      { aud, act, cnf, from },
      { aud: 'https://one.example', act: { sub: 'service' }, cnf: { 'x5t#S256': 'a key' }, from: undefined },
    );
    const told = (await server.introspect(body.access_token, API)).body;
    assert.deepEqual([told.aud, told.act, told.token_type], ['https://one.example', { sub: 'service' }, 'DPoP']);
    const { claims, notes, audience, tokenType } = (await server.tokens.verify(body.access_token)) ?? assert.fail();
    const { confirmation: _, ...rest } = added;
    assert.deepEqual({ claims, notes, audience, tokenType }, rest);
  });

  for (const name of [
    'iss',
    'sub',
    'aud',
    'exp',
    'iat',
    'jti',
    'client_id',
    'scope',
    'cnf',
    'active',
    'token_type',
    'username',
  ]) {
    it(`RFC 7519 §4.1, RFC 7662 §2.2: a claim does not replace one of the server, and nothing is stored: ${name}`, async () => {
      const allowed = { user: ALICE, scope: ['read'] };
      const { request, errors, events, tokens } = ticketServer(allowed, {}, { claims: { [name]: 'mine' } });
      assertErrorHere(await request(ask), 500, 'server_error');
      assert.match(String(errors[0]), new RegExp(`would replace "${name}"`));
      assert.deepEqual([events, await tokens.listAuthorizations(ALICE)], [[], []]);
    });
  }

  it('an audience of nobody is a mistake: it would look like a token for everyone', async () => {
    const { request, errors } = ticketServer({ user: ALICE, scope: ['read'] }, {}, { audience: [] });
    assertErrorHere(await request(ask), 500, 'server_error');
    assert.match(String(errors[0]), /audience of nobody/);
  });

  for (const name of ['authorizationID', 'authorizedAt', 'username', 'family', 'refreshes']) {
    it(`what the service says itself nobody adds: ${name}`, async () => {
      const { request, errors } = ticketServer({ user: ALICE, scope: ['read'], [name]: 'mine' });
      assertErrorHere(await request(ask), 500, 'server_error');
      assert.match(String(errors[0]), new RegExp(`a member "${name}"`));
    });
  }

  it('an extension that throws costs nothing: nothing is stored', async () => {
    const allowed = { user: ALICE, scope: ['read'] };
    const { request, tokens, events } = ticketServer(allowed, {
      plug: (each) =>
        each.extend({
          name: 'throws',
          token: {
            respond: () => {
              throw new Error('no');
            },
          },
        }),
    });
    assertErrorHere(await request(ask), 500, 'server_error');
    assert.deepEqual([events, await tokens.listAuthorizations(ALICE)], [[], []]);
  });
});

describe('token service: a second answer to one refresh token', () => {
  it('for another audience is an access token of its own, and the same refresh token', async () => {
    let audience = ['https://one.example'];
    const { connect, refresh, tokens } = tokenServer({
      plug: (each) => each.extend({ name: 'resource', token: { parse: () => ({ audience }) } }),
    });
    const { refresh_token } = await connect();
    const first = (await refresh(refresh_token).expect(200)).body;
    audience = ['https://two.example'];
    const second = (await refresh(refresh_token).expect(200)).body;
    assert.equal(second.refresh_token, first.refresh_token);
    const verified = await Promise.all([first, second].map(({ access_token }) => tokens.verify(access_token)));
    assert.deepEqual(
      verified.map((each) => each?.audience),
      [['https://one.example'], ['https://two.example']],
    );
  });
});
