/** RFC 6749 §6: a refresh token is for one client, and its scope only narrows. */
import assert from 'node:assert/strict';
import { type Authorization, exchange, type Scope } from 'koauthorize';
import { authorizationServer, OTHER, type Setup, tokenRequest } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';

type Plug = NonNullable<Setup['plug']>;

const AUTHORIZATION: Authorization = {
  clientID: 'client',
  redirectURI: 'https://client.example/callback',
  scope: ['read', 'write'],
  request: { type: 'code', clientID: 'client' },
};

function forms() {
  const issued: { authorization: Authorization; scope: Scope | undefined }[] = [];
  const checked: Plug = (server) => {
    server.exchange(
      exchange.refreshToken({
        redeem: (token) => token === 'good' && AUTHORIZATION,
        issue(authorization, { scope }) {
          issued.push({ authorization, scope });
          return { access_token: 'token', refresh_token: 'next' };
        },
      }),
    );
  };
  const positional: Plug = (server) => {
    server.exchange(
      exchange.refreshToken(async (_client, token, scope, _body, _authInfo, check) => {
        if (token !== 'good') return false;
        await check(AUTHORIZATION);
        issued.push({ authorization: AUTHORIZATION, scope });
        return ['token', 'next'];
      }),
    );
  };
  return { issued, plugs: { checked, positional } };
}

interface Row {
  readonly scope: string | undefined;
  readonly told?: string;
  readonly error?: string;
}

const SCOPES: readonly Row[] = [
  { scope: undefined, told: 'read write' },
  { scope: '', told: 'read write' },
  { scope: 'read', told: 'read' },
  { scope: 'write', told: 'write' },
  { scope: 'write read', told: 'write read' },
  { scope: 'read write', told: 'read write' },
  { scope: 'admin', error: 'invalid_scope' },
  { scope: 'read admin', error: 'invalid_scope' },
  { scope: 'read write admin', error: 'invalid_scope' },
  { scope: 'READ', error: 'invalid_scope' },
  { scope: 'rea', error: 'invalid_scope' },
  { scope: 'read,write', error: 'invalid_scope' },
  { scope: 'read\twrite', error: 'invalid_scope' },
  { scope: '__proto__', error: 'invalid_scope' },
  { scope: 'length', error: 'invalid_scope' },
];

for (const form of ['checked', 'positional'] as const) {
  describe(`RFC 6749 §6 refresh tokens, ${form} form`, () => {
    const refresh = { grant_type: 'refresh_token', refresh_token: 'good' };

    for (const { scope, told, error } of SCOPES) {
      it(`§6 scope ${JSON.stringify(scope)} of "read write" ${error ? `is ${error}` : `gives "${told}"`}`, async () => {
        const { issued, plugs } = forms();
        const { app } = authorizationServer({ plug: plugs[form] });
        const response = await tokenRequest(app, { ...refresh, scope });
        if (error) {
          assertErrorHere(response, 400, error);
          assert.deepEqual(issued, []);
          return;
        }
        assert.equal(response.status, 200, response.text);
        assert.deepEqual(response.body, {
          access_token: 'token',
          refresh_token: 'next',
          token_type: 'Bearer',
          scope: told,
        });
        assert.deepEqual(issued[0]?.authorization, AUTHORIZATION, 'what the next refresh token stands for');
      });
    }

    it('§6 §10.4 a refresh token is bound to its client', async () => {
      const { issued, plugs } = forms();
      const { app } = authorizationServer({ plug: plugs[form] });
      assertErrorHere(await tokenRequest(app, refresh, OTHER), 400, 'invalid_grant');
      assert.deepEqual(issued, []);
    });

    for (const token of ['unknown', '__proto__', 'GOOD', 'good ', ' ']) {
      it(`§5.2 the refresh token ${JSON.stringify(token)} is invalid_grant`, async () => {
        const { plugs } = forms();
        const { app } = authorizationServer({ plug: plugs[form] });
        assertErrorHere(await tokenRequest(app, { ...refresh, refresh_token: token }), 400, 'invalid_grant');
      });
    }
  });
}

describe('RFC 6749 §6 refresh tokens, callbacks that go astray', () => {
  it('§6 one that catches what check throws, or does not wait for it, is refused all the same', async () => {
    for (const waits of [true, false]) {
      const { app } = authorizationServer({
        plug: (server) =>
          server.exchange(
            exchange.refreshToken(async (_client, _token, _scope, _body, _authInfo, check) => {
              const checked = check(AUTHORIZATION);
              if (waits) await checked.catch(() => {});
              return 'token';
            }),
          ),
      });
      const params = { grant_type: 'refresh_token', refresh_token: 'good' };
      assertErrorHere(await tokenRequest(app, { ...params, scope: 'admin' }), 400, 'invalid_scope');
      assertErrorHere(await tokenRequest(app, params, OTHER), 400, 'invalid_grant');
      assert.equal((await tokenRequest(app, params)).status, 200);
    }
  });

  it('§6 an extension that has something to check of refresh tokens is not left out', async () => {
    const { app, errors } = authorizationServer({
      plug: (server) =>
        server
          .exchange(exchange.refreshToken(() => 'token'))
          .extend({ name: 'binding', token: { check: async () => {} } }),
    });
    const params = { grant_type: 'refresh_token', refresh_token: 'good' };
    assertErrorHere(await tokenRequest(app, params), 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /binding has something to check/);
  });
});
