/** RFC 6749 §4.1.3, §10.5: a code is for one client, one redirect URI, and one use. */
import assert from 'node:assert/strict';
import { type Authorization, type ExchangeCode, exchange, grant, issuer, pkce } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  ISSUER,
  issuing,
  OTHER,
  type Setup,
  VERIFIER,
} from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';

type Plug = NonNullable<Setup['plug']>;

/** Both forms of the callbacks, and how often they handed something out. */
function forms() {
  const issued: Authorization[] = [];
  const checked: Plug = (server) => {
    const { codes, take, put } = issuing();
    server
      .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
      .exchange(
        exchange.code({
          redeem: take(codes),
          issue: (authorization) => ({ access_token: `token ${issued.push(authorization)}` }),
        }),
      )
      .extend(pkce())
      .extend(issuer(ISSUER));
  };
  const positional: Plug = (server) => {
    const { codes, take, put } = issuing();
    server
      .grant(grant.code((_client, _uri, _user, _ares, _areq, _locals, authorization) => put(codes, authorization)))
      .exchange(
        exchange.code(async (_client, code, _redirectURI, _body, _authInfo, check) => {
          const authorization = take(codes)(code);
          if (!authorization) return false;
          await check(authorization);
          return `token ${issued.push(authorization)}`;
        }),
      )
      .extend(pkce())
      .extend(issuer(ISSUER));
  };
  return { issued, plugs: { checked, positional } };
}

const FORMS = ['checked', 'positional'] as const;
const NEW = 'https://client.example/second';
const two: App = { ...CLIENT, redirect_uris: [CALLBACK, NEW] };

interface Row {
  readonly title: string;
  readonly requested: string | undefined;
  readonly presented: string | readonly string[] | undefined;
  readonly status: number;
  readonly error?: string;
}

const URIS: readonly Row[] = [
  { title: 'in both, identical', requested: CALLBACK, presented: CALLBACK, status: 200 },
  { title: 'in the authorization request only', requested: CALLBACK, presented: undefined, status: 400 },
  { title: 'in the authorization request, and empty', requested: CALLBACK, presented: '', status: 400 },
  { title: 'in neither', requested: undefined, presented: undefined, status: 200 },
  { title: 'in neither, and empty', requested: '', presented: '', status: 200 },
  {
    title: 'in the token request only, where the code was sent',
    requested: undefined,
    presented: CALLBACK,
    status: 200,
  },
  { title: 'in the token request only, elsewhere', requested: undefined, presented: NEW, status: 400 },
  { title: 'in both, another of the registered ones', requested: CALLBACK, presented: NEW, status: 400 },
  { title: 'in both, with a slash more', requested: CALLBACK, presented: `${CALLBACK}/`, status: 400 },
  { title: 'in both, in other case', requested: CALLBACK, presented: CALLBACK.toUpperCase(), status: 400 },
  { title: 'in both, with a query more', requested: CALLBACK, presented: `${CALLBACK}?`, status: 400 },
  { title: 'in both, encoded', requested: CALLBACK, presented: encodeURIComponent(CALLBACK), status: 400 },
  { title: 'in both, someone else’s', requested: CALLBACK, presented: 'https://evil.example/', status: 400 },
  { title: 'twice', requested: CALLBACK, presented: [CALLBACK, CALLBACK], status: 400, error: 'invalid_request' },
];

for (const form of FORMS) {
  describe(`RFC 6749 §4.1.3 codes, ${form} form`, () => {
    for (const { title, requested, presented, status, error = 'invalid_grant' } of URIS) {
      it(`§4.1.3 redirect_uri ${title}: ${status}`, async () => {
        const { issued, plugs } = forms();
        const clients = requested ? [two] : [CLIENT];
        const { app } = authorizationServer({ plug: plugs[form], clients });
        const { code } = await browser(app).allow({ redirect_uri: requested });
        assert.ok(code);
        const response = await exchangeCode(app, code, { redirect_uri: presented });
        if (status !== 200) assertErrorHere(response, status, error);
        else assert.equal(response.status, 200, response.text);
        assert.equal(issued.length, status === 200 ? 1 : 0);
      });
    }

    it('§4.1.3 a code for a loopback port is bound to that port (RFC 8252 §7.3)', async () => {
      const { plugs } = forms();
      const clients = [{ ...CLIENT, redirect_uris: ['http://127.0.0.1/callback'] }];
      const { app } = authorizationServer({ plug: plugs[form], clients });
      const uri = 'http://127.0.0.1:4711/callback';
      for (const [presented, status] of [
        ['http://127.0.0.1:4712/callback', 400],
        ['http://127.0.0.1/callback', 400],
        [uri, 200],
      ] as const) {
        const { code } = await browser(app).allow({ redirect_uri: uri });
        assert.equal((await exchangeCode(app, code, { redirect_uri: presented })).status, status, presented);
      }
    });

    it('§4.1.3 §10.5 a code is bound to its client', async () => {
      const { issued, plugs } = forms();
      const { app } = authorizationServer({ plug: plugs[form] });
      const { code } = await browser(app).allow();
      assertErrorHere(await exchangeCode(app, code, {}, OTHER), 400, 'invalid_grant');
      assert.deepEqual(issued, []);
    });

    it('§4.1.2 a code is answered once', async () => {
      const { plugs } = forms();
      const { app } = authorizationServer({ plug: plugs[form] });
      const { code } = await browser(app).allow();
      assert.equal((await exchangeCode(app, code)).status, 200);
      for (let again = 0; again < 3; again++) assertErrorHere(await exchangeCode(app, code), 400, 'invalid_grant');
    });

    it('§4.1.2 §10.5 of 50 concurrent exchanges of one code exactly one is answered', async () => {
      const { issued, plugs } = forms();
      const { app } = authorizationServer({ plug: plugs[form] });
      const { code } = await browser(app).allow();
      const responses = await Promise.all(Array.from({ length: 50 }, () => exchangeCode(app, code)));
      const statuses = responses.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, ...Array.from({ length: 49 }, () => 400)]);
      for (const { status, body } of responses) if (status === 400) assert.equal(body.error, 'invalid_grant');
      assert.equal(issued.length, 1);
    });

    const SPENDING: readonly (readonly [what: string, more: object, client?: App])[] = [
      ['a wrong code_verifier', { code_verifier: 'x'.repeat(43) }],
      ['no code_verifier', { code_verifier: undefined }],
      ['a wrong redirect_uri', { redirect_uri: 'https://evil.example/' }],
      ['another client', {}, OTHER],
    ];
    for (const [what, more, client] of SPENDING) {
      it(`§10.5 a code presented with ${what} is spent`, async () => {
        const { issued, plugs } = forms();
        const { app } = authorizationServer({ plug: plugs[form] });
        const { code } = await browser(app).allow();
        assertErrorHere(await exchangeCode(app, code, more, client), 400, 'invalid_grant');
        assertErrorHere(await exchangeCode(app, code), 400, 'invalid_grant');
        assert.deepEqual(issued, []);
      });
    }

    for (const code of [
      'unknown',
      '__proto__',
      'constructor',
      'toString',
      ' ',
      '\u0000',
      '{"$ne":1}',
      'x'.repeat(10000),
    ]) {
      it(`§5.2 the code ${JSON.stringify(code.slice(0, 20))} is invalid_grant`, async () => {
        const { plugs } = forms();
        const { app } = authorizationServer({ plug: plugs[form] });
        assertErrorHere(await exchangeCode(app, code), 400, 'invalid_grant');
      });
    }

    it('§5.1 the scope granted is told, and what was authorized comes to the callback unchanged', async () => {
      const { issued, plugs } = forms();
      const { app } = authorizationServer({ plug: plugs[form] });
      const { code } = await browser(app).allow();
      const { body } = await exchangeCode(app, code);
      assert.deepEqual(body, { access_token: 'token 1', token_type: 'Bearer', scope: 'read write' });
      assert.equal(issued[0]?.clientID, 'client');
      assert.equal(issued[0]?.redirectURI, CALLBACK);
      assert.deepEqual(issued, JSON.parse(JSON.stringify(issued)));
    });
  });
}

describe('RFC 6749 §4.1.3 codes, callbacks that go astray', () => {
  const plugging =
    (issue: ExchangeCode<App>): Plug =>
    (server) => {
      server.grant(grant.code((_client, _uri, _user, _ares, _areq, _locals, authorization) => keep(authorization)));
      server.exchange(exchange.code<App>(issue)).extend(pkce()).extend(issuer(ISSUER));
    };
  const kept = new Map<string, Authorization>();
  const keep = (authorization: Authorization): string => {
    kept.set('code', authorization);
    return 'code';
  };
  const authorization = (): Authorization => kept.get('code') ?? assert.fail('nothing was kept');
  const WRONG: readonly object[] = [
    { code_verifier: 'x'.repeat(43) },
    { code_verifier: undefined },
    { redirect_uri: 'https://evil.example/' },
  ];

  it('§4.1.3 a callback that never calls check causes 500, issues nothing, and the operator is told why', async () => {
    const { app, errors } = authorizationServer({ plug: plugging(() => ['token', 'refresh']) });
    const { code } = await browser(app).allow();
    for (const more of [{}, ...WRONG]) {
      const response = await exchangeCode(app, code, more);
      assertErrorHere(response, 500, 'server_error');
      assert.deepEqual(Object.keys(response.body), ['error']);
    }
    assert.match(errors[0]?.message ?? '', /call check\(authorization\).*pkce has something to check/);
  });

  it('§4.1.3 one that catches what check throws is refused all the same', async () => {
    const { app } = authorizationServer({
      plug: plugging(async (_client, _code, _uri, _body, _info, check) => {
        await check(authorization()).catch(() => {});
        return 'token';
      }),
    });
    const { code } = await browser(app).allow();
    for (const more of WRONG) assertErrorHere(await exchangeCode(app, code, more), 400, 'invalid_grant');
    assert.equal((await exchangeCode(app, code)).status, 200);
  });

  it('§4.1.3 one that does not wait for check is refused all the same', async () => {
    const { app } = authorizationServer({
      plug: plugging((_client, _code, _uri, _body, _info, check) => {
        void check(authorization());
        return 'token';
      }),
    });
    const { code } = await browser(app).allow();
    for (const more of WRONG) assertErrorHere(await exchangeCode(app, code, more), 400, 'invalid_grant');
    assert.equal((await exchangeCode(app, code)).status, 200);
  });

  it('§4.1.3 one that does not wait for a check that takes its time is refused all the same', async () => {
    const { app } = authorizationServer({
      plug: (server) => {
        plugging((_client, _code, _uri, _body, _info, check) => {
          void check(authorization());
          return 'token';
        })(server);
        const later = () => new Promise((resolve) => setImmediate(resolve));
        server.extend({
          name: 'slow',
          token: {
            async check() {
              await later();
              throw new Error('a secret');
            },
          },
        });
      },
    });
    const { code } = await browser(app).allow();
    assertErrorHere(await exchangeCode(app, code), 500, 'server_error');
  });

  it('§4.1.3 one that tries again after a refusal is refused all the same', async () => {
    const { app } = authorizationServer({
      plug: plugging(async (_client, _code, _uri, _body, _info, check) => {
        await check(authorization()).catch(() => {});
        const { request } = authorization();
        const doctored = { redirectURI: 'https://evil.example/', request: { ...request, redirectURI: undefined } };
        await check({ ...authorization(), ...doctored });
        return 'token';
      }),
    });
    const { code } = await browser(app).allow();
    const response = await exchangeCode(app, code, { redirect_uri: 'https://evil.example/' });
    assertErrorHere(response, 400, 'invalid_grant');
  });

  for (const wrong of [undefined, null, {}, { clientID: 'client' }, 'code', { clientID: 'client', request: 'x' }]) {
    it(`§4.1.3 one that gives check ${JSON.stringify(wrong)} is 500`, async () => {
      const { app, errors } = authorizationServer({
        plug: plugging(async (_client, _code, _uri, _body, _info, check) => {
          await check(wrong as unknown as Authorization);
          return 'token';
        }),
      });
      assertErrorHere(await exchangeCode(app, 'code'), 500, 'server_error');
      assert.equal(errors[0]?.name, 'TypeError');
    });
  }

  it('§5.1 a checked redeem that throws is 500, told to the operator only', async () => {
    const { app, errors } = authorizationServer({
      plug: (server) =>
        server.exchange(
          exchange.code({ redeem: () => Promise.reject(new Error('a secret')), issue: () => ({ access_token: 'a' }) }),
        ),
    });
    const response = await exchangeCode(app, 'code', { code_verifier: VERIFIER });
    assertErrorHere(response, 500, 'server_error');
    assert.equal(response.text.includes('secret'), false);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['a secret'],
    );
  });

  for (const result of [false, null, undefined] as const) {
    it(`§5.2 a checked redeem that gives ${result} is invalid_grant, and issue is not called`, async () => {
      const { app } = authorizationServer({
        plug: (server) =>
          server.exchange(exchange.code({ redeem: () => result, issue: () => assert.fail('issue was called') })),
      });
      assertErrorHere(await exchangeCode(app, 'code'), 400, 'invalid_grant');
    });
  }
});
