/** Errors as oauth2orize words them, and where they go: the error handlers and their modes. */
import assert from 'node:assert/strict';
import Koa, { type Middleware } from 'koa';
import {
  AuthorizationError,
  BadRequestError,
  type ErrorHandlerOptions,
  errorHandler,
  ForbiddenError,
  grant,
  OAuth2Error,
  type Server,
  TokenError,
  type Transaction,
} from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  ISSUER,
  redirected,
  type User,
} from '../support/authorization-server.js';

describe('error classes', () => {
  const table: readonly [error: OAuth2Error, name: string, code: string, status: number][] = [
    [new OAuth2Error('x'), 'OAuth2Error', 'server_error', 500],
    [new OAuth2Error('x', 'invalid_request', undefined, 400), 'OAuth2Error', 'invalid_request', 400],
    [new AuthorizationError('x'), 'AuthorizationError', 'server_error', 500],
    [new AuthorizationError('x', 'invalid_request'), 'AuthorizationError', 'invalid_request', 400],
    [new AuthorizationError('x', 'unauthorized_client'), 'AuthorizationError', 'unauthorized_client', 403],
    [new AuthorizationError('x', 'access_denied'), 'AuthorizationError', 'access_denied', 403],
    [new AuthorizationError('x', 'invalid_scope'), 'AuthorizationError', 'invalid_scope', 400],
    [new AuthorizationError('x', 'temporarily_unavailable'), 'AuthorizationError', 'temporarily_unavailable', 503],
    [new AuthorizationError('x', 'mine', undefined, 451), 'AuthorizationError', 'mine', 451],
    [new TokenError('x'), 'TokenError', 'server_error', 500],
    [new TokenError('x', 'invalid_request'), 'TokenError', 'invalid_request', 400],
    [new TokenError('x', 'invalid_client'), 'TokenError', 'invalid_client', 401],
    [new TokenError('x', 'invalid_grant'), 'TokenError', 'invalid_grant', 400], // oauth2orize: 403
    [new TokenError('x', 'unauthorized_client'), 'TokenError', 'unauthorized_client', 400], // oauth2orize: 403
    [new TokenError('x', 'unsupported_grant_type'), 'TokenError', 'unsupported_grant_type', 400], // oauth2orize: 501
    [new TokenError('x', 'invalid_scope'), 'TokenError', 'invalid_scope', 400],
    [new BadRequestError('x'), 'BadRequestError', 'invalid_request', 400],
    [new ForbiddenError('x'), 'ForbiddenError', 'access_denied', 403],
  ];
  for (const [error, name, code, status] of table) {
    it(`${name} ${code}: ${status}`, () => {
      assert.ok(error instanceof OAuth2Error && error instanceof Error);
      assert.deepEqual([error.name, error.message, error.code, error.status], [name, 'x', code, status]);
      assert.match(String(error.stack), /errors\.test/);
    });
  }

  it('have a URI for the client and a cause for the operator', () => {
    const cause = new Error('below');
    const error = new TokenError('x', 'invalid_grant', 'https://as.example/help', undefined, { cause });
    assert.deepEqual([error.uri, error.cause], ['https://as.example/help', cause]);
  });
});

/** An application whose only route throws, after somebody left a transaction or nobody did. */
function throwing(error: unknown, options: ErrorHandlerOptions = {}, oauth2?: object, make = errorHandler) {
  const app = new Koa();
  const errors: unknown[] = [];
  app.on('error', (thrown) => errors.push(thrown));
  const outer: Middleware = async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      ctx.status = 599;
      ctx.body = { passed: (thrown as Error).message };
    }
  };
  app.use(outer).use(make(options));
  app.use((ctx) => {
    if (oauth2) ctx.state['oauth2'] = oauth2;
    throw error;
  });
  return { errors, get: () => request(app.callback()).get('/') };
}

const FAULT = new AuthorizationError('Not this', 'invalid_scope', 'https://as.example/help');
const DESCRIBED = { error: 'invalid_scope', error_description: 'Not this', error_uri: 'https://as.example/help' };
const txn = (type: string, more: object = {}) => ({ redirectURI: CALLBACK, req: { type, state: 's', ...more } });

describe('errorHandler()', () => {
  const makers: readonly [what: string, make: typeof errorHandler][] = [
    ['on its own', errorHandler],
    ['of a server', (options) => authorizationServer().server.errorHandler(options)],
  ];
  for (const [what, make] of makers) {
    describe(what, () => {
      for (const mode of ['direct', undefined] as const) {
        it(`mode ${mode}: JSON here, where there is no transaction`, async () => {
          const { get, errors } = throwing(FAULT, { ...(mode && { mode }) }, undefined, make);
          const response = await get();
          assert.deepEqual([response.status, response.body], [400, DESCRIBED]);
          assert.match(response.headers['content-type'] ?? '', /^application\/json/);
          assert.equal(response.headers['cache-control'], 'no-store');
          assert.deepEqual(errors, [FAULT]);
        });
      }

      it('mode direct: JSON here, whatever the transaction', async () => {
        const response = await throwing(FAULT, { mode: 'direct' }, txn('code'), make).get();
        assert.deepEqual([response.status, response.body, response.headers['location']], [400, DESCRIBED, undefined]);
      });

      for (const mode of ['indirect', undefined] as const) {
        it(`mode ${mode}: to the client, in the query`, async () => {
          const response = await throwing(FAULT, { ...(mode && { mode }) }, txn('code'), make).get();
          assert.equal(response.status, 302);
          assert.ok(response.headers['location']?.startsWith(`${CALLBACK}?`));
          assert.deepEqual(redirected(response), { ...DESCRIBED, state: 's' });
        });
      }

      const fragments: readonly [type: string, fragment: string[] | undefined, inFragment: boolean][] = [
        ['token', undefined, true],
        ['code token', undefined, true],
        ['foo', undefined, false],
        ['foo', ['foo'], true],
        ['code foo', ['foo'], true],
      ];
      for (const [type, fragment, inFragment] of fragments) {
        it(`fragment ${JSON.stringify(fragment)}: ${type} in the ${inFragment ? 'fragment' : 'query'}`, async () => {
          const response = await throwing(FAULT, { ...(fragment && { fragment }) }, txn(type), make).get();
          assert.equal(response.headers['location']?.includes(`${CALLBACK}#`), inFragment);
          assert.deepEqual(redirected(response), { ...DESCRIBED, state: 's' });
        });
      }

      it("modes: one of the application's own", async () => {
        const modes = {
          web_message: (_txn: Transaction<unknown>, response: { status: number; body: unknown }, params: object) => {
            response.status = 200;
            response.body = params;
          },
        };
        const { get } = throwing(FAULT, { modes }, txn('code', { responseMode: 'web_message' }), make);
        assert.deepEqual((await get()).body, { ...DESCRIBED, state: 's' });
      });

      const nowhere: readonly [what: string, oauth2: object | undefined][] = [
        ['without a transaction', undefined],
        ['without a redirect URI', { client: CLIENT }],
        ['with a response mode that is not there', txn('code', { responseMode: 'pigeon' })],
      ];
      for (const [what, oauth2] of nowhere) {
        it(`mode indirect, ${what}: thrown on to the application`, async () => {
          const response = await throwing(FAULT, { mode: 'indirect' }, oauth2, make).get();
          assert.deepEqual([response.status, response.body], [599, { passed: 'Not this' }]);
        });
        it(`by default, ${what}: answered here`, async () => {
          const response = await throwing(FAULT, {}, oauth2, make).get();
          assert.deepEqual([response.status, response.body], [400, DESCRIBED]);
        });
      }
    });
  }
});

describe('an error that validate throws', () => {
  const addressed = (error: Error, to: object): never => {
    throw Object.assign(error, to);
  };
  type Plug = (server: Server<App, User>) => Middleware;
  const validating =
    (to: object, error = (): Error => new AuthorizationError('Not now', 'temporarily_unavailable')): Plug =>
    (server) =>
      server.authorization((_id, _uri) => addressed(error(), to));

  it('and addresses to client and redirect URI goes there, with state and iss', async () => {
    const { app } = authorizationServer({ authorization: validating({ client: CLIENT, redirectURI: CALLBACK }) });
    const response = await browser(app).authorize().expect(302);
    assert.deepEqual(redirected(response), {
      error: 'temporarily_unavailable',
      error_description: 'Not now',
      state: 'a state',
      iss: ISSUER,
    });
  });

  it('goes there in the response mode of the request', async () => {
    const { app } = authorizationServer({ authorization: validating({ client: CLIENT, redirectURI: CALLBACK }) });
    const response = await browser(app).authorize({ response_mode: 'fragment' });
    assert.ok(response.headers['location']?.startsWith(`${CALLBACK}#`));
    const form = await browser(app).authorize({ response_mode: 'form_post' }).expect(200);
    assert.match(form.text, /name="error" value="temporarily_unavailable"/);
    assert.match(form.text, /name="state" value="a state"/);
  });

  it('that is not of the protocol goes there undescribed', async () => {
    const error = () => new Error('password of the database is 1234');
    const { app } = authorizationServer({
      authorization: validating({ client: CLIENT, redirectURI: CALLBACK }, error),
    });
    assert.deepEqual(redirected(await browser(app).authorize()), {
      error: 'server_error',
      state: 'a state',
      iss: ISSUER,
    });
  });

  const untrusted: readonly [what: string, to: object][] = [
    ['no client', { redirectURI: CALLBACK }],
    ['no redirect URI', { client: CLIENT }],
    ['neither', {}],
    ['a redirect URI that is not registered', { client: CLIENT, redirectURI: 'https://evil.example/' }],
  ];
  for (const [what, to] of untrusted) {
    it(`with ${what} is redirected nowhere`, async () => {
      const { app } = authorizationServer({ authorization: validating(to) });
      const response = await browser(app).authorize();
      assert.ok(response.status >= 400, String(response.status));
      assert.equal(response.headers['location'], undefined);
    });
  }
});

describe('parameters that cannot be used', () => {
  const repeated: readonly [name: string, redirectedTo: boolean][] = [
    ['scope', true],
    ['state', true],
    ['response_type', true],
    ['response_mode', true],
    ['client_id', false],
    ['redirect_uri', false],
  ];
  for (const [name, toClient] of repeated) {
    it(`repeated ${name}: refused${toClient ? ', and the client is told' : ', and nobody is redirected'}`, async () => {
      const { app } = authorizationServer();
      const response = await browser(app).authorize({ [name]: ['a', 'b'] });
      const answer = toClient ? redirected(response) : response.body;
      assert.equal(answer.error, 'invalid_request');
      assert.equal(answer.error_description, `Invalid parameter: ${name} must be a string`);
      assert.equal(response.status, toClient ? 302 : 400);
    });
  }

  const missing: readonly [name: string, toClient: boolean][] = [
    ['response_type', true],
    ['client_id', false],
  ];
  for (const [name, toClient] of missing) {
    it(`Missing required parameter: ${name}`, async () => {
      const { app } = authorizationServer();
      const response = await browser(app).authorize({ [name]: undefined });
      const answer = toClient ? redirected(response) : response.body;
      assert.deepEqual(
        [answer.error, answer.error_description],
        ['invalid_request', `Missing required parameter: ${name}`],
      );
    });
  }
});

describe('authorizationErrorHandler()', () => {
  const failing: Middleware = () => {
    throw new AuthorizationError('Login failed', 'access_denied');
  };
  const served = (name: 'authorizationErrorHandler' | 'authorizationError', transactionField?: string) =>
    authorizationServer({
      plug: (server) => server.grant(grant.code(() => 'the code')),
      routes: (router, server) => {
        router.post('/login', server[name]({ ...(transactionField && { transactionField }) }), failing);
      },
    });

  for (const name of ['authorizationErrorHandler', 'authorizationError'] as const) {
    it(`${name}: an error in the middle of a dialog reaches the client and ends the transaction`, async () => {
      const { app } = served(name);
      const { agent, authorize, decide } = browser(app, '');
      const { transactionID } = (await authorize()).body;
      const response = await agent.post('/login').type('form').send({ transaction_id: transactionID }).expect(303);
      assert.deepEqual(redirected(response), {
        error: 'access_denied',
        error_description: 'Login failed',
        state: 'a state',
      });
      assert.equal((await decide(transactionID)).status, 403);
    });
  }

  it('leaves the transaction of somebody else alone', async () => {
    const { app } = served('authorizationError');
    const { agent, authorize, decide } = browser(app, 'alice');
    const { transactionID } = (await authorize()).body;
    const response = await agent.post('/login').type('form').send({ transaction_id: transactionID });
    assert.deepEqual([response.status, response.headers['location']], [403, undefined]);
    assert.equal(redirected(await decide(transactionID))['code'], 'the code');
  });

  it('transactionField', async () => {
    const { app } = served('authorizationError', 'txn');
    const { agent, authorize } = browser(app, '');
    const { transactionID: txn } = (await authorize()).body;
    assert.equal(redirected(await agent.post('/login').type('form').send({ txn }))['error'], 'access_denied');
  });

  for (const transaction_id of [undefined, 'nope']) {
    it(`without a transaction (${transaction_id}) the error is thrown on`, async () => {
      const { app } = served('authorizationError');
      const response = await request(app.callback()).post('/login').type('form').send({ transaction_id });
      assert.deepEqual(
        [response.status, response.body],
        [403, { error: 'access_denied', error_description: 'Login failed' }],
      );
    });
  }
});
