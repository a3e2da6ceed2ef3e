/** Whatever a callback or a step gives: a promise is awaited or refused, and only `true` is yes. */
import assert from 'node:assert/strict';
import {
  certificateBoundTokens,
  createServer,
  type Exchange,
  exchange,
  grant,
  introspection,
  pkce,
  type Server,
  stepUp,
  TokenError,
} from 'koauthorize';
import { clientSecretBasic } from 'koauthorize/client-auth';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  OTHER,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { basic, client, clientAuthServer } from '../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';
import { tokenServer } from '../support/token-server.js';

const own = { grant_type: 'urn:own' };

/** What is not true, and yet counts as yes wherever it is only looked at. */
const TRUTHY: readonly unknown[] = ['false', 'true', 1, {}, [], async () => false];

describe('an exchange by hand', () => {
  const made = (more: Partial<Exchange<App>>): Exchange<App> => ({
    name: 'urn:own',
    redeem: () => ({
      authorization: {
        clientID: 'client',
        redirectURI: CALLBACK,
        scope: [],
        request: { type: 'code', clientID: 'client' },
      },
      issue: () => ({ access_token: 'a token' }),
    }),
    ...more,
  });

  it('RFC 6749 §4.1.3 whose check refuses later hands out nothing', async () => {
    const check = async (): Promise<void> => {
      await new Promise(setImmediate);
      throw new TokenError('Not this one', 'invalid_grant');
    };
    const { app } = authorizationServer({ plug: (server) => server.exchange(made({ check })) });
    assertErrorHere(await tokenRequest(app, own), 400, 'invalid_grant');
  });

  it('whose parse answers later is waited for', async () => {
    const asked: unknown[] = [];
    const redeem: Exchange<App>['redeem'] = ({ scope }) => ({
      issue: () => ({ access_token: String(asked.push(scope)) }),
    });
    const parse = async () => ({ scope: ['read'] });
    const { app } = authorizationServer({ plug: (server) => server.exchange(made({ parse, redeem })) });
    await tokenRequest(app, own).expect(200);
    assert.deepEqual(asked, [['read']]);
  });
});

describe('RFC 7662 §4 resourceServer', () => {
  for (const answer of [async () => false, ...TRUTHY.map((value) => () => value), async () => 'true'])
    it(`${answer} makes no client an API`, async () => {
      const { connect, introspect } = tokenServer({ introspection: { resourceServer: answer as never } });
      const { access_token } = await connect();
      assert.deepEqual((await introspect(access_token, OTHER)).body, { active: false });
    });

  it('a promise of true makes one', async () => {
    const { connect, introspect } = tokenServer({ introspection: { resourceServer: async () => true } });
    const { access_token } = await connect();
    assert.equal((await introspect(access_token, OTHER)).body.active, true);
  });

  it('§2.2 an active that is not true is inactive', async () => {
    for (const active of ['false', 1]) {
      const { post } = clientAuthServer({
        routes: (router) =>
          router.post(
            '/own',
            async (ctx, next) => {
              Object.assign(ctx.state, { user: CLIENT, authInfo: {} });
              await next();
            },
            createServer().endpoint(introspection(() => ({ active, client_id: 'client' }) as never)),
          ),
      });
      assert.deepEqual((await post('/own', { token: 'x' })).body, { active: false });
    }
  });
});

describe('RFC 9700 §2.1.1 allowMissing', () => {
  for (const answer of [async () => false, ...TRUTHY.map((value) => () => value)])
    it(`${answer} frees nobody from PKCE, at either endpoint`, async () => {
      const plug = (server: Server<App, User>): void => {
        server
          .grant(grant.code(() => 'a code'))
          .exchange(
            exchange.code({
              redeem: () => ({
                clientID: 'client',
                redirectURI: CALLBACK,
                scope: [],
                request: { type: 'code', clientID: 'client', redirectURI: CALLBACK },
              }),
              issue: () => ({ access_token: 'a token' }),
            }),
          )
          .extend(pkce({ allowMissing: answer as never }));
      };
      const { app } = authorizationServer({ plug });
      const without = { code_challenge: undefined, code_challenge_method: undefined };
      assert.equal(redirected(await browser(app).authorize(without))['error'], 'invalid_request');
      assertErrorHere(await exchangeCode(app, 'x', { code_verifier: undefined }), 400, 'invalid_grant');
    });

  it('a promise of true frees', async () => {
    const plug = (server: Server<App, User>): void => {
      server.grant(grant.code(() => 'a code')).extend(pkce({ allowMissing: async () => true }));
    };
    const { app } = authorizationServer({ plug });
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    assert.equal((await browser(app).authorize(without)).status, 200);
  });
});

describe('RFC 8705 §3 isBound', () => {
  const bound: readonly [answer: unknown, isBound: boolean][] = [
    [async () => false, false],
    [() => undefined, false],
    [async () => true, true],
    [() => 'false', true],
    [() => 1, true],
  ];
  for (const [answer, isBound] of bound)
    it(`${answer}: tokens are ${isBound ? '' : 'not '}bound`, async () => {
      const plug = (server: Server<App, User>): void => {
        server
          .exchange(exchange.clientCredentials(() => 'a token'))
          .extend(certificateBoundTokens<App, User>({ isBound: answer as never }));
      };
      const { app } = authorizationServer({ plug });
      const { status } = await tokenRequest(app, { grant_type: 'client_credentials' });
      assert.equal(status, isBound ? 400 : 200); // there is no certificate
    });
});

describe('a decision', () => {
  for (const allow of ['false', 'true', 1, {}])
    it(`allow: ${JSON.stringify(allow)} is a denial`, async () => {
      const { app } = authorizationServer({ decision: (server) => server.decision(() => ({ allow }) as never) });
      const { code, error } = await browser(app).allow();
      assert.deepEqual([code, error], [undefined, 'access_denied']);
    });

  const broken: readonly [what: string, decision: object][] = [
    ['a promise as allow', { allow: Promise.resolve(false) }],
    ['a promise as scope', { scope: Promise.resolve(['read']) }],
    ['an object as scope', { scope: { read: true } }],
  ];
  for (const [what, decision] of broken)
    it(`with ${what} gives no code, and the operator is told`, async () => {
      const { app, errors } = authorizationServer({ decision: (server) => server.decision(() => decision as never) });
      const { code, error } = await browser(app).allow();
      assert.deepEqual([code, error], [undefined, 'server_error']);
      assert.ok(errors.at(-1) instanceof TypeError);
    });
});

describe('immediate', () => {
  const asks = (immediate: () => unknown) =>
    authorizationServer({ authorization: (server) => server.authorization(() => [CLIENT], immediate as never) });
  for (const answer of [...TRUTHY.slice(0, 4), [1], ['true', {}]])
    it(`that gives ${JSON.stringify(answer)} has the user asked`, async () => {
      const dialog = await browser(asks(() => answer).app).authorize();
      assert.deepEqual([dialog.status, typeof dialog.body.transactionID], [200, 'string']);
    });

  for (const index of [0, 1, 2])
    it(`that gives a promise in place ${index} of its array is an error of the operator's, and no consent`, async () => {
      const answer: unknown[] = [true, undefined, undefined];
      answer[index] = Promise.resolve(false);
      const { app, errors } = asks(() => answer);
      const { code, error } = redirected(await browser(app).authorize());
      assert.deepEqual([code, error], [undefined, 'server_error']);
      assert.match(String(errors.at(-1)?.message), /immediate gave a promise/);
    });

  it('that gives true, or a promise of it, allows', async () => {
    for (const answer of [true, [true], Promise.resolve([true, { scope: ['read'] }])])
      assert.ok(redirected(await browser(asks(() => answer).app).authorize())['code']);
  });
});

describe('RFC 6749 §3.1.2.3 validate', () => {
  it('that forgets to await the client is an error of the operator’s, and redirects nowhere', async () => {
    const { app, errors } = authorizationServer({
      authorization: (server) => server.authorization((_id, uri) => [Promise.resolve(CLIENT) as never, uri]),
    });
    const response = await browser(app).authorize({ redirect_uri: 'https://evil.example/' });
    assertErrorHere(response, 500, 'server_error');
    assert.match(String(errors.at(-1)?.message), /validate gave a promise/);
  });
});

describe('options that identify', () => {
  const later = async () => 'client';
  it('createServer: a promise in place of a value is an error of the operator’s', async () => {
    for (const [name, option] of Object.entries({ clientID: later, subject: later })) {
      const { app, errors } = authorizationServer({ options: { [name]: option } as object });
      const { code } = await browser(app).allow();
      assert.equal(code, undefined, name);
      assert.match(
        errors.map(({ message }) => message).join(),
        new RegExp(`createServer\\(\\{ ${name} \\}\\) must give`),
      );
    }
    assert.throws(
      () => authorizationServer({ options: { now: later } as object }),
      /^TypeError: createServer\(\{ now \}\) gives epoch seconds, not \[object Promise\]/,
    );
  });

  it('RFC 6749 §3.1.2.3 redirectURIs: what cannot be read is no registration to redirect to', async () => {
    for (const given of [async () => [CALLBACK], () => 7, () => CALLBACK]) {
      const { app } = authorizationServer({ options: { redirectURIs: given as never } });
      assertErrorHere(await browser(app).authorize(), 400, 'invalid_request');
    }
    const { app } = authorizationServer({ options: { redirectURIs: (() => new Set([CALLBACK])) as never } });
    assert.equal((await browser(app).authorize()).status, 200);
  });

  it('RFC 9470 §4 authenticationEvent: a promise is refused', () => {
    const { needsAuthentication } = stepUp({ authenticationEvent: (async () => ({ acr: 'mfa' })) as never });
    const txn = { user: {}, req: { type: 'code', clientID: 'c', acrValues: ['mfa'] } };
    assert.throws(() => needsAuthentication(txn as never), /authenticationEvent gave a promise/);
  });

  it('createServer needs no options', () => assert.ok(createServer()));
});

describe('RFC 6749 §2.3.1 compare', () => {
  for (const answer of TRUTHY.slice(0, 5))
    it(`that gives ${JSON.stringify(answer)} authenticates nobody`, async () => {
      const compare = (() => answer) as never;
      const { token } = clientAuthServer({
        clients: [client('client')],
        authentication: { methods: [clientSecretBasic({ compare })] },
      });
      assertInvalidClient(await token({}, basic('client', 'x')));
    });
});
