/** A scope that the application gives as text stays text in its hands, and is a list of words for the toolkit. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { type Authorization, type Extension, exchange, grant, type RequestParser, scopeOf, scopes } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  redirected,
  type Setup,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

/** As applications of oauth2orize read it, in plain JavaScript. */
const asText = ((ctx: Context) => ({ scope: ctx.query['scope'] })) as unknown as RequestParser;

function recording(setup: Setup = {}, ...extensions: readonly Extension<App, User>[]) {
  const seen: { ares?: unknown; areq?: unknown; immediate?: unknown; authorization?: Authorization } = {};
  const { app, errors } = authorizationServer({
    plug(server) {
      for (const extension of extensions) server.extend(extension);
      server.grant('code', asText).grant(
        grant.code((_client, _uri, _user, ares, areq, _locals, authorization) => {
          Object.assign(seen, { ares: ares.scope, areq: areq.scope, authorization });
          return 'the code';
        }),
      );
    },
    ...setup,
  });
  return { seen, errors, ...browser(app) };
}

describe('a scope that the application gives as text', () => {
  it('from a request parser by hand stays text for the application and is a list in the authorization', async () => {
    const { seen, errors, allow } = recording();
    assert.deepEqual(await allow({ scope: 'read write' }), { code: 'the code', state: 'a state' });
    assert.deepEqual([seen.areq, seen.authorization?.request.scope], ['read write', 'read write']);
    assert.deepEqual(seen.authorization?.scope, ['read', 'write']);
    assert.deepEqual(errors, []);
  });

  it('from a request parser by hand is the text that validate and immediate are given', async () => {
    const given: unknown[] = [];
    const { authorize } = recording({
      authorization: (server) =>
        server.authorization(
          (_id, uri, scope, _type, areq) => {
            given.push(scope, areq.scope);
            return [{ client_id: 'client', client_name: 'A', redirect_uris: [String(uri)] }, uri];
          },
          (_client, _user, scope) => {
            given.push(scope);
            return true;
          },
        ),
    });
    assert.equal(redirected(await authorize({ scope: 'read write' }))['code'], 'the code');
    assert.deepEqual(given, ['read write', 'read write', 'read write']);
  });

  it('without a value is no scope, so that the default of scopes() counts', async () => {
    const { seen, allow } = recording({}, scopes(['read', 'write'], { default: ['read'] }));
    assert.equal((await allow({ scope: '' }))['code'], 'the code');
    assert.deepEqual(seen.authorization?.scope, ['read']);
  });

  it('§3.3 and malformed is invalid_scope', async () => {
    const { authorize } = recording();
    assert.equal(redirected(await authorize({ scope: 'read "write"' }))['error'], 'invalid_scope');
  });

  it('is compared word by word by scopes(), never as a substring', async () => {
    const { authorize } = recording({}, scopes(['readwrite', 'write']));
    assert.equal(redirected(await authorize({ scope: 'read' }))['error'], 'invalid_scope');
    assert.equal((await authorize({ scope: 'readwrite write' })).status, 200);
    const { allow } = recording(
      { decision: (server) => server.decision(() => ({ scope: 'read' })) },
      scopes(['readwrite', 'read']),
    );
    assert.equal((await allow({ scope: 'readwrite' }))['error'], 'invalid_scope');
  });

  it('§4.2.2 granted as it was asked for is not told again with a token', async () => {
    const { app } = authorizationServer({
      plug: (server) => server.grant('token', asText).grant(grant.token(() => 'the token')),
    });
    const { scope, access_token } = await browser(app).allow({ response_type: 'token', scope: 'read write' });
    assert.deepEqual([scope, access_token], [undefined, 'the token']);
  });

  for (const [what, setup] of [
    ['parse', { decision: (server) => server.decision(() => ({ scope: 'read' })) }],
    ['immediate', { authorization: (server) => server.authorization((id, uri) => [client(id), uri], allowing) }],
  ] as readonly [string, Setup][]) {
    it(`from ${what} stays text in ares and is a list in the authorization`, async () => {
      const { seen, authorize, decide } = recording(setup);
      const asked = await authorize({ scope: 'read write' });
      const answer = asked.status === 302 ? asked : await decide(asked.body.transactionID);
      assert.equal(redirected(answer)['code'], 'the code');
      assert.deepEqual([seen.ares, seen.authorization?.scope], ['read', ['read']]);
    });
  }

  it('from parse and empty grants nothing of what was asked for', async () => {
    const { seen, allow } = recording({ decision: (server) => server.decision(() => ({ scope: '' })) });
    await allow({ scope: 'read write' });
    assert.deepEqual(seen.authorization?.scope ?? [], []);
  });

  it('and stores with a refresh token limits a refresh word by word', async () => {
    const stored = { clientID: 'client', redirectURI: 'https://client.example/callback', scope: 'readwrite list' };
    const { app } = authorizationServer({
      plug: (server) =>
        server.exchange(
          exchange.refreshToken({
            redeem: () => ({ ...stored, request: { type: 'code', clientID: 'client' } }) as unknown as Authorization,
            issue: () => ({ access_token: 'the token' }),
          }),
        ),
    });
    const refresh = (scope?: string) =>
      tokenRequest(app, { grant_type: 'refresh_token', refresh_token: 'r', ...(scope && { scope }) });
    assert.equal((await refresh('read')).body.error, 'invalid_scope');
    assert.deepEqual((await refresh('list')).body.scope, 'list');
    assert.deepEqual((await refresh()).body.scope, 'readwrite list');
  });
});

describe('scopeOf', () => {
  for (const [scope, words] of [
    ['read write', ['read', 'write']],
    [
      ['read', 'write'],
      ['read', 'write'],
    ],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
    [[], []],
  ] as const) {
    it(`of ${JSON.stringify(scope)}: ${JSON.stringify(words)}`, () => assert.deepEqual(scopeOf({ scope }), words));
  }

  it('of anything else throws', () =>
    assert.throws(() => scopeOf({ scope: 7 as unknown as string }), /^TypeError: A scope must be a list/));
});

function client(id: string): App {
  return { client_id: id, client_name: 'A client', redirect_uris: ['https://client.example/callback'] };
}

function allowing(_client: App, _user: User) {
  return [true, { scope: 'read' }] as const;
}
