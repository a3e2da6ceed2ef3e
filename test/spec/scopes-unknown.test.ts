/** RFC 6749 §3.3: `scopes(words, { unknown: 'ignore' })`, for clients that ask for scopes that the server does not have. */
import assert from 'node:assert/strict';
import { grant, type ScopesOptions, scopes } from 'koauthorize';
import {
  authorizationServer,
  browser,
  exchangeCode,
  plugAll,
  redirected,
  tokenRequest,
} from '../support/authorization-server.js';
import { tokenServer } from '../support/token-server.js';

const IGNORE: ScopesOptions = { unknown: 'ignore' };

function serve(options: ScopesOptions) {
  const { app } = authorizationServer({
    plug(server) {
      plugAll(server);
      server.grant(grant.token(() => 'a token')).extend(scopes(['read', 'write'], options));
    },
  });
  return app;
}

describe('RFC 6749 §3.3 scopes that there are not', () => {
  it('are refused by default', async () => {
    for (const options of [{}, { unknown: 'refuse' }] as const)
      assert.equal(
        redirected(await browser(serve(options)).authorize({ scope: 'openid read' }))['error'],
        'invalid_scope',
      );
  });

  it('are ignored with unknown: ignore: the dialog does not show them, and the token response says what was given', async () => {
    const app = serve(IGNORE);
    const dialog = await browser(app).authorize({ scope: 'openid read offline_access' });
    assert.deepEqual(dialog.body.req.scope, ['read']);
    const { code } = await browser(app).allow({ scope: 'openid read' });
    assert.equal((await exchangeCode(app, code).expect(200)).body.scope, 'read');
  });

  it('§4.2.2: the implicit grant says what was given, too', async () => {
    const answer = await browser(serve(IGNORE)).allow({ response_type: 'token', scope: 'openid read' });
    assert.deepEqual([answer['access_token'], answer['scope']], ['a token', 'read']);
  });

  it('of nothing else the default is taken, and without one it is invalid_scope', async () => {
    const usual = await browser(serve({ ...IGNORE, default: ['write'] })).authorize({ scope: 'openid' });
    assert.deepEqual(usual.body.req.scope, ['write']);
    const none = redirected(await browser(serve(IGNORE)).authorize({ scope: 'openid' }));
    assert.deepEqual([none['error'], none['state']], ['invalid_scope', 'a state']);
    const unasked = await browser(serve(IGNORE)).authorize({ scope: undefined });
    assert.equal(unasked.status, 200, 'a request without a scope goes on as before');
  });

  it('at the token endpoint: client credentials and refresh get what is known, and nothing known is invalid_scope', async () => {
    const { app, connect, refresh } = tokenServer({
      clients: [
        {
          client_id: 'client',
          client_name: 'C',
          redirect_uris: ['https://client.example/callback'],
          scope: 'read write',
          grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        },
      ],
      plug: (server) => void server.extend(scopes(['read', 'write'], IGNORE)),
    });
    const own = { grant_type: 'client_credentials' };
    assert.equal((await tokenRequest(app, { ...own, scope: 'openid read' }).expect(200)).body.scope, 'read');
    assert.equal((await tokenRequest(app, { ...own, scope: 'openid' }).expect(400)).body.error, 'invalid_scope');
    const { refresh_token } = await connect({ scope: 'openid read write' });
    const narrowed = await refresh(refresh_token, { scope: 'openid read' }).expect(200);
    assert.equal(narrowed.body.scope, 'read');
    const nothing = await refresh(narrowed.body.refresh_token, { scope: 'openid' }).expect(400);
    assert.equal(nothing.body.error, 'invalid_scope');
  });

  it('a known word that the client did not register is refused all the same, and not called unknown', async () => {
    const { app } = authorizationServer({
      clients: [
        {
          client_id: 'client',
          client_name: 'C',
          redirect_uris: ['https://client.example/callback'],
          scope: 'read',
        } as never,
      ],
      plug(server) {
        plugAll(server);
        server.extend(scopes(['read', 'admin'], IGNORE));
      },
    });
    const answer = redirected(await browser(app).authorize({ scope: 'openid read admin' }));
    assert.deepEqual(
      [answer['error'], answer['error_description']],
      ['invalid_scope', 'Scope is not for this client: admin'],
    );
  });

  it('a text in place of a list is a TypeError at start', () => {
    assert.throws(() => scopes('read write' as never), { name: 'TypeError', message: /scopes/ });
    assert.throws(() => scopes(['read'], { default: 'read' as never }), { name: 'TypeError', message: /default/ });
  });

  it('another word for unknown is a TypeError at start', () => {
    assert.throws(() => scopes(['read'], { unknown: 'drop' as 'ignore' }), {
      name: 'TypeError',
      message: /refuse or ignore/,
    });
  });
});
