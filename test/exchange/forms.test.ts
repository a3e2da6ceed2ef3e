/** The object forms of what oauth2orize gives as callbacks. The checked code and refresh forms: test/spec */
import assert from 'node:assert/strict';
import { type Exchange, exchange, type Grant, grant, type IssuedTokens } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

describe('exchange, object forms', () => {
  const exchanged = (made: Exchange<App>, body: object) =>
    tokenRequest(authorizationServer({ plug: (server) => server.exchange(made) }).app, body);

  it('clientCredentials({ issue(request) })', async () => {
    const made = exchange.clientCredentials<App>({
      issue: ({ client, scope }) => ({ access_token: client.client_id, scope: scope?.join(' '), extra: 1 }),
    });
    const { body } = await exchanged(made, { grant_type: 'client_credentials', scope: 'a b' }).expect(200);
    assert.deepEqual(body, { access_token: 'client', scope: 'a b', extra: 1, token_type: 'Bearer' });
  });

  const credentials = { grant_type: 'password', username: 'bob', password: 'p' };

  it('password({ issue(credentials, request) })', async () => {
    const made = exchange.password<App>({
      issue: ({ username, password }, { client }) => ({ access_token: `${username} ${password} ${client.client_id}` }),
    });
    const { body } = await exchanged(made, credentials).expect(200);
    assert.deepEqual(body, { access_token: 'bob p client', token_type: 'Bearer' });
  });

  for (const nothing of [false, null, undefined] as const) {
    it(`password: ${nothing} refuses`, async () => {
      const response = await exchanged(exchange.password<App>({ issue: () => nothing }), credentials);
      const error_description = 'Invalid resource owner credentials';
      assert.deepEqual([response.status, response.body], [400, { error: 'invalid_grant', error_description }]);
    });
  }

  it('what parse and redeem give as promises is waited for', async () => {
    const made: Exchange<App> = {
      name: 'urn:example:late',
      parse: async () => ({ scope: ['late'] }),
      redeem: async ({ scope }) => ({ issue: async () => ({ access_token: 'a', scope: scope?.join(' ') }) }),
    };
    assert.equal((await exchanged(made, { grant_type: 'urn:example:late' }).expect(200)).body.scope, 'late');
  });

  it('token_type is what it says', async () => {
    const made = exchange.clientCredentials<App>({ issue: () => ({ access_token: 'a', token_type: 'DPoP' }) });
    assert.equal((await exchanged(made, { grant_type: 'client_credentials' })).body.token_type, 'DPoP');
  });

  it("an access token that is no string is a mistake of the operator's", async () => {
    const response = await exchanged(
      exchange.clientCredentials<App>(() => ({ token: 'x' }) as never),
      { grant_type: 'client_credentials' },
    );
    assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
  });
});

describe('exchange, as functions: a key that the tokens must be bound to', () => {
  const binding = { name: 'binding', token: { parse: () => ({ confirmation: { 'x5t#S256': 'k' } }) } };
  let calls = 0;
  const issue = (): string => {
    calls += 1;
    return 'a token that looks bound';
  };
  const made: readonly (readonly [Exchange<App>, object])[] = [
    [exchange.code<App>(issue), { grant_type: 'authorization_code', code: 'c' }],
    [exchange.refreshToken<App>(issue), { grant_type: 'refresh_token', refresh_token: 'r' }],
    [exchange.clientCredentials<App>(issue), { grant_type: 'client_credentials' }],
    [exchange.password<App>(issue), { grant_type: 'password', username: 'u', password: 'p' }],
  ];
  for (const [one, body] of made) {
    it(`RFC 8705 §3: ${one.name} cannot tell the callback of it, and issues nothing`, async () => {
      const { app, errors } = authorizationServer({ plug: (server) => server.exchange(one).extend(binding) });
      const response = await tokenRequest(app, body);
      assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
      assert.match(String(errors[0]), /only the checked form can bind tokens/);
      assert.equal(calls, 0);
    });
  }
});

describe('grant, object forms', () => {
  const granted = (made: Grant<App, User>, response_type: string) =>
    browser(authorizationServer({ plug: (server) => server.grant(made) }).app).allow({ response_type });

  it('code({ issue(txn, authorization) })', async () => {
    const made = grant.code<App, User>({
      issue: ({ client, user }, { scope }) => `${client.client_id} ${user?.id} ${scope}`,
    });
    assert.equal((await granted(made, 'code'))['code'], 'client alice read,write');
  });

  it('token({ issue(txn, authorization) }), and never a refresh token', async () => {
    const made = grant.token<App, User>({
      issue: ({ client }) => ({ access_token: client.client_id, expires_in: 60, refresh_token: 'r' }),
    });
    assert.deepEqual(await granted(made, 'token'), {
      access_token: CLIENT.client_id,
      token_type: 'Bearer',
      expires_in: '60',
      state: 'a state',
    });
  });

  for (const nothing of [false, null, undefined] as const) {
    it(`${nothing} denies`, async () => {
      for (const made of [grant.code<App, User>({ issue: () => nothing })])
        assert.equal((await granted(made, 'code'))['error'], 'access_denied');
      const issue = (): IssuedTokens | false | null | undefined => nothing;
      assert.equal((await granted(grant.token<App, User>({ issue }), 'token'))['error'], 'access_denied');
    });
  }

  it('a combination has the members of all, extended by each, in the fragment if one of them is', async () => {
    const { app } = authorizationServer({
      plug: (server) =>
        server
          .grant(
            grant.code<App, User>(
              () => 'the code',
              () => ({ session_state: 'abc' }),
            ),
          )
          .grant({ name: 'id_token', responseMode: 'query', issue: () => ({ id_token: 'jwt' }) })
          .grant(grant.token<App, User>(() => 'the token'))
          .grant('code id_token')
          .grant('code id_token token'),
    });
    const { authorize, decide } = browser(app);
    const located = async (response_type: string) => {
      const { headers } = await decide((await authorize({ response_type })).body.transactionID);
      return headers['location'] ?? '';
    };
    assert.match(await located('id_token code'), /\?code=the\+code&session_state=abc&id_token=jwt&state=a\+state$/);
    assert.match(await located('token id_token code'), /#code=.*&id_token=jwt&.*access_token=the\+token/);
  });
});
