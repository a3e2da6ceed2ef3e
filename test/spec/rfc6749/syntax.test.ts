/** RFC 6749 appendix A: what it does not allow never reaches a callback, at any endpoint. */
import assert from 'node:assert/strict';
import { type AuthorizationRequest, exchange, grant, introspection, OAuth2Error, revocation } from 'koauthorize';
import request from 'supertest';
import {
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  plugAll,
  REQUEST,
  redirected,
  tokenRequest,
} from '../../support/authorization-server.js';
import { basic, client, clientAuthServer } from '../../support/client-auth.js';
import { assertErrorHere, encode } from '../../support/form.js';

const UTF8 = 'zażółć 日本 🗝';

/** A server that notes whatever any of its callbacks is given. */
function noting() {
  const seen: unknown[] = [];
  const note = (...args: readonly unknown[]): void => void seen.push(...args);
  const made = authorizationServer({
    authorization: (server) =>
      server.authorization((id, uri, scope, type, areq) => {
        note(id, uri, scope, type, areq);
        return [CLIENT, CALLBACK];
      }),
    plug(server) {
      server
        .grant(grant.code(() => 'a code'))
        .exchange(exchange.code((_client, ...more) => note(...more) ?? false))
        .exchange(exchange.refreshToken((_client, ...more) => note(...more) ?? false))
        .exchange(exchange.password((_client, ...more) => note(...more) ?? false))
        .exchange(exchange.clientCredentials((_client, ...more) => note(...more) ?? false));
    },
    routes(router, server) {
      const answer = (token: string) => note(token) ?? undefined;
      const authenticate = async (ctx: { state: object }, next: () => Promise<unknown>) => {
        Object.assign(ctx.state, { user: CLIENT, authInfo: {} }); // as passport leaves it
        await next();
      };
      router.post('/introspect', authenticate, server.endpoint(introspection(answer)));
      router.post('/revoke', authenticate, server.endpoint(revocation((token) => note(token))));
    },
  });
  return { ...made, seen };
}

describe('RFC 6749 appendix A at the authorization endpoint', () => {
  const here = { client_id: 'a\u0000b', redirect_uri: 'https://client.example/\u0000' };
  for (const [name, value] of Object.entries(here))
    it(`${name}=${encodeURIComponent(value)} is told to the user, and validate is not asked`, async () => {
      const { app, seen } = noting();
      const [status, error] =
        name === 'client_id' ? ([403, 'unauthorized_client'] as const) : ([400, 'invalid_request'] as const);
      assertErrorHere(await browser(app).authorize({ [name]: value }), status, error);
      assert.deepEqual(seen, []);
    });

  const there: readonly [name: string, value: string, error: string][] = [
    ['response_type', 'code\u0000', 'unsupported_response_type'],
    ['scope', 'a\u0000b', 'invalid_scope'],
    ['state', 'a\u0000b', 'invalid_request'],
    ['state', 'a\nb', 'invalid_request'],
    ['state', 'x'.repeat(4097), 'invalid_request'],
    ['response_mode', 'que\u0000ry', 'invalid_request'],
    ['login_hint', 'a\u0000b', 'invalid_request'],
  ];
  for (const [name, value, error] of there)
    it(`${name}=${encodeURIComponent(value).slice(0, 20)} is ${error} by redirect, and validate does not see it`, async () => {
      const { app, seen } = noting();
      const heard = redirected(await browser(app).authorize({ [name]: value }));
      assert.equal(heard['error'], error);
      assert.equal(
        heard['state'],
        name === 'state' ? undefined : REQUEST.state,
        'a state that cannot be does not go back',
      );
      assert.ok(!JSON.stringify(seen).includes(JSON.stringify(value).slice(1, -1)));
    });

  it('a state in UTF-8 goes back as it came', async () => {
    const { app } = noting();
    const state = `${UTF8} "\\'<>&=+%`;
    assert.equal((await browser(app).allow({ state }))['state'], state);
  });
});

describe('RFC 6749 appendix A at the token endpoint', () => {
  const refused: readonly [params: object, error: string][] = [
    [{ grant_type: 'authorization_code', code: 'a\u0000' }, 'invalid_grant'],
    [{ grant_type: 'authorization_code', code: 'é' }, 'invalid_grant'],
    [{ grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://é/' }, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x', other: '\u0000' }, 'invalid_request'],
    [{ grant_type: 'refresh_token', refresh_token: 'a\u0000' }, 'invalid_grant'],
    [{ grant_type: 'refresh_token', refresh_token: 'x'.repeat(16385) }, 'invalid_grant'],
    [{ grant_type: 'refresh_token', refresh_token: 'x', scope: 'é' }, 'invalid_scope'],
    [{ grant_type: 'password', username: 'a\u0000', password: 'x' }, 'invalid_request'],
    [{ grant_type: 'password', username: 'a', password: 'x\u0000' }, 'invalid_request'],
    [{ grant_type: 'client_credentials', client_id: 'client\u0000' }, 'invalid_client'],
    [{ grant_type: 'pass\u0000word' }, 'unsupported_grant_type'],
  ];
  for (const [params, error] of refused)
    it(`${JSON.stringify(params).slice(0, 70)}: ${error}, and no callback is asked`, async () => {
      const { app, seen } = noting();
      assertErrorHere(await tokenRequest(app, params), error === 'invalid_client' ? 401 : 400, error);
      assert.deepEqual(seen, []);
    });

  it('names and passwords in UTF-8 reach the callback as they were sent', async () => {
    const { app, seen } = noting();
    await tokenRequest(app, { grant_type: 'password', username: UTF8, password: UTF8 });
    assert.deepEqual(seen.slice(0, 2), [UTF8, UTF8]);
  });

  it('RFC 7636 §4.1 a malformed code_verifier reaches no callback, and does not spend the code', async () => {
    const { app } = authorizationServer();
    const { code } = await browser(app).allow();
    for (const code_verifier of ['short', `${'x'.repeat(43)}\u0000`, 'x'.repeat(129)])
      assert.equal((await exchangeCode(app, code, { code_verifier })).status, 400);
    await exchangeCode(app, code).expect(200);
  });
});

describe('RFC 6749 §3.3 a scope of no words', () => {
  for (const scope of ['%20', '+', '%20+%20']) {
    const decoded = scope.replaceAll('+', ' ').replaceAll('%20', ' ');
    it(`scope=${scope} of an authorization request is invalid_scope`, async () => {
      const { app } = authorizationServer();
      const heard = redirected(await browser(app).authorize({ scope: decoded }));
      assert.deepEqual([heard['error'], heard['state']], ['invalid_scope', REQUEST.state]);
    });

    it(`scope=${scope} of a token request is invalid_scope, by each grant that takes one, and nothing is spent`, async () => {
      const { app } = authorizationServer({
        plug(server) {
          plugAll(server);
          server.exchange(exchange.password(() => 'a token'));
        },
      });
      const { code } = await browser(app).allow();
      const { body } = await exchangeCode(app, code).expect(200);
      const requests = [
        { grant_type: 'refresh_token', refresh_token: body.refresh_token },
        { grant_type: 'client_credentials' },
        { grant_type: 'password', username: 'a', password: 'b' },
      ];
      for (const params of requests) {
        const response = await request(app.callback())
          .post('/token')
          .auth('client', 'client-secret')
          .type('form')
          .send(`${encode(params as Record<string, string>)}&scope=${scope}`);
        assertErrorHere(response, 400, 'invalid_scope');
      }
      await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: body.refresh_token }).expect(200);
    });
  }
});

describe('RFC 6749 appendix A at introspection, revocation and the decision', () => {
  for (const token of ['a\u0000b', 'é', 'x'.repeat(16385)])
    it(`RFC 7009 §2.2, RFC 7662 §2.2: no callback is asked for the token ${JSON.stringify(token).slice(0, 12)}`, async () => {
      const { app, seen } = noting();
      const post = (path: string) => request(app.callback()).post(path).type('form').send({ token });
      assert.deepEqual((await post('/introspect').expect(200)).body, { active: false });
      await post('/revoke').expect(200);
      assertErrorHere(await post('/introspect').send({ token_type_hint: 'a\u0000' }), 400, 'invalid_request');
      assert.deepEqual(seen, []);
    });

  it('a transaction_id that cannot be one does not reach the store of transactions', async () => {
    const asked: string[] = [];
    const never = () => undefined;
    const transactions = {
      load: (_ctx: unknown, id: string) => void asked.push(id),
      store: never,
      update: never,
      remove: () => false,
    };
    const { app } = authorizationServer({ options: { transactions: transactions as never } });
    for (const id of ['a\u0000b', 'a b', 'é', 'x'.repeat(257)])
      assertErrorHere(await browser(app).decide(id), 403, 'access_denied');
    assert.deepEqual(asked, []);
  });
});

describe('RFC 6749 appendix A at client authentication', () => {
  it('a secret with control characters reaches no compare, however it was encoded; UTF-8 does', async () => {
    const compared: string[] = [];
    const compare = (secret: string): boolean => secret === UTF8 && compared.push(secret) > 0;
    const { clientSecretBasic, clientSecretPost } = await import('koauthorize/client-auth');
    const seen: string[] = [];
    const noted = { compare: (secret: string) => seen.push(secret) > 0 && compare(secret) };
    const { token } = clientAuthServer({
      clients: [client('client')],
      authentication: { methods: [clientSecretBasic(noted), clientSecretPost(noted)] },
    });
    for (const secret of ['a\u0000b', 'a%00b', '%0a', '\ud800'])
      assert.notEqual((await token({}, basic('client', secret))).status, 200);
    assertErrorHere(await token({ client_id: 'client', client_secret: 'a\u0000b' }), 400, 'invalid_request');
    for (const secret of seen) assert.doesNotMatch(secret, /\p{Cc}/u);
    await token({}, basic('client', encodeURIComponent(UTF8))).expect(200);
    await token({}, basic('client', UTF8)).expect(200);
    await token({ client_id: 'client', client_secret: UTF8 }).expect(200);
  });
});

describe('RFC 6749 appendix A: a parameter of another endpoint', () => {
  for (const name of ['token', 'response_type'])
    it(`${name} with a control character is invalid_request at the token endpoint, and no callback is asked`, async () => {
      const { app, seen } = noting();
      const answer = await tokenRequest(app, { grant_type: 'client_credentials', [name]: '\u0000' });
      assertErrorHere(answer, 400, 'invalid_request');
      assert.deepEqual(seen, []);
    });
});

describe('RFC 6749 appendix A.7 to A.9: what errors may say', () => {
  it('a name that is none, such as JSON with a secret that was read as a form, is repeated by no error', async () => {
    const { app, errors } = authorizationServer();
    for (const wrong of ['\u0001', ['twice', 'twice']]) {
      const answer = await tokenRequest(app, { '{"client_secret":"hunter2","at":"https://x?y': wrong });
      assertErrorHere(answer, 400, 'invalid_request');
      const [error] = errors.splice(0);
      assert.doesNotMatch(`${answer.text} ${error?.message} ${error?.cause}`, /hunter2/);
    }
  });

  it('a code or URI of an error that cannot be sent is not sent as it is', async () => {
    const { app } = authorizationServer({
      authorization: (server) =>
        server.authorization((_id, _uri, _scope, _type, areq: AuthorizationRequest) => {
          if (areq.state) throw new OAuth2Error('x', 'a"\u0000é', 'https://é/"', 400);
          return false;
        }),
    });
    const { body } = await browser(app).authorize();
    assert.deepEqual(body, { error: 'a???', error_description: 'x' });
  });
});
