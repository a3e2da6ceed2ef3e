import assert from 'node:assert/strict';
import { scopes } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  plugAll,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

const supported = ['read', 'write'];

function serverWith(options?: Parameters<typeof scopes>[1]) {
  return authorizationServer({
    plug(server) {
      plugAll(server);
      server.extend(scopes<App, User>(supported, options));
    },
  });
}

describe('RFC 6749 §3.3: scopes()', () => {
  const requests = [
    { scope: 'read', asked: ['read'] },
    { scope: 'write read', asked: ['write', 'read'] },
    { scope: undefined, asked: undefined },
    { scope: undefined, usual: ['read'], asked: ['read'] },
  ];
  for (const { scope, usual, asked } of requests) {
    it(`a request for ${scope ?? 'nothing'}, with ${usual ?? 'no'} default, asks the user for ${asked}`, async () => {
      const { app } = serverWith(usual && { default: usual });
      const dialog = await browser(app).authorize({ scope });
      assert.equal(dialog.status, 200);
      assert.deepEqual(dialog.body.req.scope, asked);
    });
  }

  it('§4.1.2.1 an unknown scope is invalid_scope, redirected with state', async () => {
    const { app } = serverWith();
    const { error, state, iss } = redirected(await browser(app).authorize({ scope: 'read admin' }));
    assert.deepEqual([error, state, iss], ['invalid_scope', 'a state', 'https://as.example']);
  });

  it('§5.2 an unknown scope at the token endpoint is invalid_scope', async () => {
    const { app } = serverWith();
    const refused = await tokenRequest(app, { grant_type: 'client_credentials', scope: 'admin' });
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_scope']);
    const given = await tokenRequest(app, { grant_type: 'client_credentials', scope: 'read' });
    assert.equal(given.status, 200);
  });

  it('RFC 8414 §2 the metadata lists them', () => {
    assert.deepEqual(scopes(supported).metadata?.(), { scopes_supported: supported });
  });
});
