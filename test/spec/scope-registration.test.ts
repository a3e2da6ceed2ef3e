/** RFC 6749 §3.3, RFC 7591 §2: a client gets no other scope than it registered, and than the server has, whenever it gets one. */
import assert from 'node:assert/strict';
import { type Authorization, exchange, grant, type Server, scopes, type TokenRequest } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  issuing,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { tokenServer, WORKER } from '../support/token-server.js';

type Registered = App & { scope?: unknown };

describe('RFC 6749 §3.3 a default scope', () => {
  const cases: readonly [registered: unknown, usual: string[], outcome: unknown][] = [
    ['read', ['admin'], 'invalid_scope'],
    ['read', ['admin', 'read'], ['read']],
    ['', ['read'], 'invalid_scope'],
    [undefined, ['admin'], ['admin']],
    [null, ['admin'], ['admin']],
    ['read', [], undefined],
  ];
  for (const [scope, usual, outcome] of cases)
    it(`of ${JSON.stringify(usual)} is, for a client that registered ${JSON.stringify(scope)}, ${JSON.stringify(outcome)}`, async () => {
      const client: Registered = { ...CLIENT, scope };
      const { app } = authorizationServer({
        clients: [client],
        plug: (server) =>
          server.grant(grant.code(() => 'a code')).extend(scopes(['read', 'admin'], { default: usual })),
      });
      const dialog = await browser(app).authorize({ scope: undefined });
      const heard = dialog.status === 200 ? dialog.body.req.scope : redirected(dialog)['error'];
      assert.deepEqual(heard, outcome);
    });

  it('that an extension of your own adds is limited as well', async () => {
    const client: Registered = { ...CLIENT, scope: 'read' };
    const { app } = authorizationServer({
      clients: [client],
      plug: (server) =>
        server
          .grant(grant.code(() => 'a code'))
          .extend({ name: 'own', authorization: { parse: () => ({ scope: ['admin'] }) } }),
    });
    assert.equal(redirected(await browser(app).authorize({ scope: undefined }))['error'], 'invalid_scope');
  });
});

describe('RFC 7591 §2 the registered scope, without scopes()', () => {
  const client: Registered = { ...CLIENT, scope: 'read' };
  const { app } = authorizationServer({
    clients: [client],
    decision: (server) => server.decision((_ctx, form) => ({ scope: form['scope'] })),
  });

  it('limits what a request asks for', async () => {
    assert.equal(redirected(await browser(app).authorize({ scope: 'read write' }))['error'], 'invalid_scope');
  });

  it('limits what a decision grants', async () => {
    assert.equal((await browser(app).allow({ scope: 'read' }, { scope: 'read admin' }))['error'], 'invalid_scope');
    assert.ok((await browser(app).allow({ scope: 'read' }, { scope: 'read' }))['code']);
  });

  it('limits what a client asks for itself', async () => {
    const params = { grant_type: 'client_credentials', scope: 'write' };
    assertErrorHere(await tokenRequest(app, params, client), 400, 'invalid_scope');
    await tokenRequest(app, { ...params, scope: 'read' }, client).expect(200);
  });
});

/** One client, whose registration changes, and scopes() that loses words. */
function changing(registered: string | undefined) {
  const client: App & { scope?: string } = { ...CLIENT, ...(registered !== undefined && { scope: registered }) };
  const supported = ['read', 'write', 'mail'];
  const server = tokenServer({ clients: [client], plug: (to) => to.extend(scopes<App, User>(supported)) });
  const drop = (word: string): unknown => supported.splice(supported.indexOf(word), 1);
  return { client, drop, ...server };
}

describe('RFC 6749 §6 a refresh after the scope was taken away', () => {
  const ways: Readonly<Record<string, (made: ReturnType<typeof changing>) => void>> = {
    'from the registration': ({ client }) => {
      client.scope = 'read mail';
    },
    'from scopes()': ({ drop }) => drop('write'),
  };
  for (const [way, takeAway] of Object.entries(ways)) {
    it(`${way} gives the rest, and says so; the refresh token keeps what was granted`, async () => {
      const made = changing('read write mail');
      const { refresh_token } = await made.connect({ scope: 'read write' });
      const { client } = made;
      takeAway(made);
      const { body } = await made.refresh(refresh_token).expect(200);
      assert.equal(body.scope, 'read');
      assert.equal((await made.introspect(body.access_token)).body.scope, 'read');
      assert.deepEqual((await made.tokens.verify(body.access_token))?.scope, ['read']);
      if (way !== 'from the registration') return;
      client.scope = 'read write';
      const again = await made.refresh(body.refresh_token).expect(200);
      assert.equal(again.body.scope, 'read write', 'given back');
    });

    it(`${way}: nothing left of it is invalid_grant, and spends nothing`, async () => {
      const made = changing('read write mail');
      const { refresh_token } = await made.connect({ scope: 'write' });
      takeAway(made);
      assertErrorHere(await made.refresh(refresh_token), 400, 'invalid_grant');
      assert.ok(await made.isActive(refresh_token));
    });

    it(`${way}: asked for by itself it is invalid_scope, where something else is left`, async () => {
      const made = changing('read write mail');
      const { refresh_token } = await made.connect({ scope: 'read write' });
      takeAway(made);
      assertErrorHere(await made.refresh(refresh_token, { scope: 'write' }), 400, 'invalid_scope');
      assert.equal((await made.refresh(refresh_token, { scope: 'write read' }).expect(200)).body.scope, 'read');
    });
  }

  it('an authorization that never had a scope goes on', async () => {
    const made = changing(undefined);
    const { refresh_token } = await made.connect({ scope: undefined });
    made.client.scope = 'read';
    const { body } = await made.refresh(refresh_token).expect(200);
    assert.equal(body.scope, undefined);
  });

  it('RFC 6749 §6 what was never granted is still invalid_scope', async () => {
    const made = changing('read write mail');
    const { refresh_token } = await made.connect({ scope: 'read' });
    assertErrorHere(await made.refresh(refresh_token, { scope: 'mail' }), 400, 'invalid_scope');
  });
});

describe('RFC 6749 §5.1 a redemption after the scope was taken away', () => {
  it('from the registration gives the rest, says so, and keeps what was granted', async () => {
    const client: Registered = { ...CLIENT, scope: 'read write' };
    const { codes, refreshTokens, take, put } = issuing();
    const given: unknown[] = [];
    const issue = (authorization: Authorization, { scope }: TokenRequest<App>) => {
      given.push(scope ?? authorization.scope);
      return { access_token: 'a token', refresh_token: put(refreshTokens, authorization) };
    };
    const { app } = authorizationServer({
      clients: [client],
      plug: (server) =>
        server
          .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
          .exchange(exchange.code<App>({ redeem: take(codes), issue }))
          .exchange(exchange.refreshToken<App>({ redeem: take(refreshTokens), issue })),
    });
    const { code } = await browser(app).allow({ scope: 'read write' });
    client.scope = 'read';
    const { body } = await exchangeCode(app, code).expect(200);
    assert.deepEqual([body.scope, given], ['read', [['read']]]);
    client.scope = 'read write';
    const params = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    assert.equal((await tokenRequest(app, params).expect(200)).body.scope, 'read write');
  });

  it('nothing left of it is invalid_grant', async () => {
    const made = changing('read write');
    const code = await made.authorize({ scope: 'write' });
    made.client.scope = 'read';
    assertErrorHere(await made.redeem(code), 400, 'invalid_grant');
  });
});

describe('RFC 6749 §4.4 a client without a user', () => {
  it('gets by default what it registered, as far as the server still has it', async () => {
    const { request, tokens } = tokenServer({ plug: (server) => server.extend(scopes<App, User>(['mail'])) });
    const { body } = await request({ grant_type: 'client_credentials' }, WORKER).expect(200); // registered: jobs mail
    assert.equal(body.scope, 'mail');
    assert.deepEqual((await tokens.verify(body.access_token))?.scope, ['mail']);
  });

  it('of whose scope nothing is left gets invalid_scope', async () => {
    const { request } = tokenServer({ plug: (server) => server.extend(scopes<App, User>(['other'])) });
    assertErrorHere(await request({ grant_type: 'client_credentials' }, WORKER), 400, 'invalid_scope');
  });
});

describe('RFC 6749 §6 callbacks that redeem and issue in one', () => {
  function callbacks(client: Registered, scopesSeen: unknown[]) {
    const { codes, take, put } = issuing();
    const plug = (server: Server<App, User>): void => {
      server.grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) })).exchange(
        exchange.refreshToken<App>(async (_client, token, scope, _body, _info, check) => {
          const authorization = take(codes)(token);
          if (!authorization) return false;
          await check(authorization);
          scopesSeen.push(scope);
          return 'a token';
        }),
      );
    };
    return authorizationServer({ clients: [client], plug });
  }
  const refresh = (app: ReturnType<typeof callbacks>['app'], code: string | undefined, more: object = {}) =>
    tokenRequest(app, { grant_type: 'refresh_token', refresh_token: code, ...more });

  it('are told in scope what of the scope asked for the client may have', async () => {
    const client: Registered = { ...CLIENT, scope: 'read write' };
    const seen: unknown[] = [];
    const { app } = callbacks(client, seen);
    const { code } = await browser(app).allow({ scope: 'read write' });
    client.scope = 'read';
    const { body } = await refresh(app, code, { scope: 'read write' }).expect(200);
    assert.deepEqual([seen, body.scope], [[['read']], 'read']);
  });

  it('cannot be told what is left where no scope is asked for: the client has to ask anew', async () => {
    const client: Registered = { ...CLIENT, scope: 'read write' };
    const seen: unknown[] = [];
    const { app } = callbacks(client, seen);
    const { code } = await browser(app).allow({ scope: 'read write' });
    client.scope = 'read';
    assertErrorHere(await refresh(app, code), 400, 'invalid_grant');
    assert.deepEqual(seen, []);
  });

  it('an issue that ignores request.scope, and says so, hands out nothing, and the operator is told', async () => {
    const client: Registered = { ...CLIENT, scope: 'read write' };
    const { codes, take, put } = issuing();
    const given: TokenRequest<App>[] = [];
    const { app, errors } = authorizationServer({
      clients: [client],
      plug: (server) =>
        server.grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) })).exchange(
          exchange.code<App>({
            redeem: take(codes),
            issue: ({ scope }, request) => {
              given.push(request);
              return { access_token: 'a token', scope: scope.join(' ') };
            },
          }),
        ),
    });
    const { code } = await browser(app).allow({ scope: 'read write' });
    client.scope = 'read';
    assertErrorHere(await exchangeCode(app, code), 500, 'server_error');
    assert.deepEqual(given[0]?.scope, ['read']);
    assert.match(errors.at(-1)?.message ?? '', /issue must give request\.scope/);
  });
});
