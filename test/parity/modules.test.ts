/** Grants as modules: their `request` and `response` may be wrapped, replaced, and registered on their own. */
import assert from 'node:assert/strict';
import type { Context, Middleware } from 'koa';
import { type Authorization, AuthorizationError, type Extension, grant, issuer, type Server } from 'koauthorize';
import { toParams } from '../../lib/syntax/param-map.js';
import {
  type App,
  authorizationServer,
  browser,
  ISSUER,
  redirected,
  type Setup,
  type User,
} from '../support/authorization-server.js';

const serverWith = (plug: (server: Server<App, User>) => unknown, setup: Setup = {}) =>
  authorizationServer({ plug: (server) => void plug(server), ...setup });

const ofKind: readonly [
  name: 'code' | 'token',
  make: () => ReturnType<typeof grant.code<App, User>>,
  issued: object,
][] = [
  ['code', () => grant.code(() => 'the code'), { code: 'the code' }],
  ['token', () => grant.token(() => 'the token'), { access_token: 'the token', token_type: 'Bearer' }],
];

for (const [name, make, issued] of ofKind) {
  describe(`grant.${name} as a module`, () => {
    const request = { response_type: name, code_challenge: undefined, code_challenge_method: undefined };

    it('has a request and a response', () => {
      const module = make();
      assert.deepEqual([typeof module.request, typeof module.response, module.name], ['function', 'function', name]);
    });

    it('with a wrapped request: what it adds and changes counts', async () => {
      const module = make();
      const { request: read } = module;
      module.request = async (ctx) => ({ ...(await read(ctx)), state: 'rewritten', nonce: String(ctx.query['nonce']) });
      const { app } = serverWith((server) => server.grant(module));
      const { authorize, decide } = browser(app);
      const { body } = await authorize({ ...request, nonce: 'n' });
      assert.deepEqual([body.req.nonce, body.req.scope, body.req.clientID], ['n', ['read', 'write'], 'client']);
      assert.deepEqual(redirected(await decide(body.transactionID)), { ...issued, state: 'rewritten' });
    });

    it('with a request in place of its own, which refuses: the client is told', async () => {
      const module = make();
      module.request = () => {
        throw new AuthorizationError('Missing required parameter: nonce', 'invalid_request');
      };
      const { app } = serverWith((server) => server.grant(module));
      assert.equal(redirected(await browser(app).authorize(request))['error'], 'invalid_request');
    });

    it('with a wrapped response: the transaction that it reads and writes is the one that is answered', async () => {
      const module = make();
      const seen: unknown[] = [];
      const { response: respond } = module;
      module.response = async (ctx, next) => {
        const txn = ctx.state['oauth2'];
        seen.push(txn.res.allow, txn.user.id, txn.client.client_id);
        txn.req = { ...txn.req, state: 'written' };
        ctx.state['oauth2'] = { ...txn, copied: true };
        await respond(ctx, next);
        ctx.set('X-Audited', 'yes');
      };
      const { app } = serverWith((server) => server.grant(module).extend(issuer(ISSUER)));
      const { authorize, decide } = browser(app);
      const answer = await decide((await authorize(request)).body.transactionID)
        .expect(303)
        .expect('X-Audited', 'yes');
      assert.deepEqual(redirected(answer), { ...issued, state: 'written', iss: ISSUER });
      assert.deepEqual(seen, [true, 'alice', 'client']);
    });

    it('with a wrapped response that refuses after all: denied, and complete is not called', async () => {
      const module = make();
      const { response: respond } = module;
      module.response = (ctx, next) => {
        ctx.state['oauth2'].res = { allow: false };
        return respond(ctx, next);
      };
      let completed = 0;
      const { app } = serverWith((server) => server.grant(module), {
        decision: (server) => server.decision({}, undefined, () => void completed++),
      });
      assert.equal((await browser(app).allow(request))['error'], 'access_denied');
      assert.equal(completed, 0);
    });

    it('with a response in place of its own, of which nothing is issued', async () => {
      const module = make();
      module.response = (ctx) => {
        ctx.body = { by: 'hand', user: ctx.state['oauth2'].user.id };
      };
      const { app } = serverWith((server) => server.grant(module));
      const { authorize, decide } = browser(app);
      const { body } = await decide((await authorize(request)).body.transactionID).expect(200);
      assert.deepEqual(body, { by: 'hand', user: 'alice' });
    });

    it('whose parts are registered on their own, under another type', async () => {
      const { request: parse, response } = make();
      const { app } = serverWith((server) => server.grant('foo', { request: parse, response }));
      const { authorize, decide } = browser(app);
      const answer = await decide((await authorize({ ...request, response_type: 'foo' })).body.transactionID);
      assert.deepEqual(redirected(answer), { ...issued, state: 'a state' });
      const { hash } = new URL(answer.headers['location'] ?? '');
      assert.equal(hash !== '', name === 'token');
    });

    it('uses its own response mode if its response is registered alone for another type, whatever the request says', async () => {
      const { response } = make();
      const { app } = serverWith((server) => server.grant('foo', 'response', response));
      const asked = { ...request, response_type: 'foo', response_mode: 'query' };
      const { access_token, error } = await browser(app).allow(asked);
      assert.deepEqual([access_token, error], [undefined, name === 'token' ? 'invalid_request' : undefined]);
    });

    it('copied with another response, and with an error handler', async () => {
      const module = {
        ...make(),
        response: () => {
          throw new Error('broken');
        },
        error: (_error: unknown, ctx: Context) => {
          ctx.status = 418;
        },
      };
      const { app } = serverWith((server) => server.grant(module));
      const { authorize, decide } = browser(app);
      await decide((await authorize(request)).body.transactionID).expect(418);
    });
  });
}

describe('a grant as a module', () => {
  it('copied with another issue: that one counts', async () => {
    const module = { ...grant.code<App, User>(() => 'the code'), issue: async () => ({ code: 'another' }) };
    const { app } = serverWith((server) => server.grant('foo', module));
    assert.equal((await browser(app).allow({ response_type: 'foo' }))['code'], 'another');
  });

  it('gives what it has read as a copy: only what the application returns counts', async () => {
    const module = grant.code<App, User>(() => 'the code');
    const { request: read } = module;
    module.request = async (ctx) => {
      Object.assign((await read(ctx)) ?? {}, { state: 'discarded' });
      return { nonce: 'n' };
    };
    const { app } = serverWith((server) => server.grant(module));
    const { req } = (await browser(app).authorize()).body;
    assert.deepEqual([req.state, req.nonce], ['a state', 'n']);
  });

  it('answers the transaction that a response by hand before it has put in place', async () => {
    const { app } = serverWith((server) =>
      server
        .grant('*', 'response', (ctx, next) => {
          const txn = ctx.state['oauth2'];
          ctx.state['oauth2'] = { ...txn, req: { ...txn.req, state: 'another' } };
          return next();
        })
        .grant(grant.code(() => 'the code')),
    );
    assert.deepEqual(await browser(app).allow(), { code: 'the code', state: 'another' });
  });

  it('reads a request of its own when the application asks it, with its separator', async () => {
    const module = grant.code<App, User>({ scopeSeparator: ',' }, () => 'the code');
    const show: Middleware = async (ctx) => {
      ctx.body = await module.request(ctx);
    };
    const { app } = serverWith((server) => server.grant(module), { before: show });
    const { body } = await browser(app).authorize({ scope: 'read,write' });
    assert.deepEqual([body.clientID, body.scope, body.state], ['client', ['read', 'write'], 'a state']);
  });

  it('reads what an extension has resolved the parameters to', async () => {
    const reference: Extension<App, User> = {
      name: 'reference',
      authorization: { resolve: (params) => toParams(new Map([...params, ['scope', 'resolved']])) },
    };
    const module = grant.code<App, User>(() => 'the code');
    const { request: read } = module;
    module.request = async (ctx) => ({ ...(await read(ctx)), more: 1 });
    const { app } = serverWith((server) => server.grant(module).extend(reference));
    const { req } = (await browser(app).authorize()).body;
    assert.deepEqual([req.scope, req.more], [['resolved'], 1]);
  });

  it('cannot respond where nothing was decided: an error for the operator', async () => {
    const module = grant.code<App, User>(() => 'the code');
    const { app, errors } = serverWith((server) => server.grant(module), {
      dialog: (ctx, next) => module.response(ctx, next),
    });
    await browser(app).authorize();
    assert.match(errors[0]?.message ?? '', /can respond only to a transaction that was decided/);
  });

  it('in a combination has its request by hand read', async () => {
    const module = grant.code<App, User>(() => 'the code');
    module.request = (ctx) => ({ nonce: String(ctx.query['nonce']) });
    const { app } = serverWith((server) =>
      server
        .grant(module)
        .grant(grant.token(() => 'the token'))
        .grant('code token'),
    );
    const { body } = await browser(app).authorize({ response_type: 'code token', nonce: 'n' });
    assert.equal(body.req.nonce, 'n');
  });

  it('with a response by hand is refused in a combination, which would never call it', () => {
    const module = grant.code<App, User>(() => 'the code');
    module.response = () => undefined;
    const plug = (server: Server<App, User>) => server.grant(module).grant('code code');
    assert.throws(() => serverWith(plug), /The code grant has a response by hand/);
  });

  it("is refused for '*', since where its response goes depends on the type", () =>
    assert.throws(
      () =>
        serverWith((server) =>
          server.grant(
            '*',
            grant.token(() => 'the token'),
          ),
        ),
      /answers one response type/,
    ));

  it('cannot allow a request or widen its scope without another check by the extensions', async () => {
    const strict: Extension<App, User> = {
      name: 'strict',
      authorization: {
        decide({ res }) {
          if (res?.scope?.includes('admin')) throw new AuthorizationError('Not admin', 'invalid_scope');
        },
      },
    };
    const issued: Authorization[] = [];
    for (const write of [
      (txn: { res: object }) => Object.assign(txn.res, { allow: true, scope: ['admin'] }),
      (txn: { res: { scope: string[] } }) => txn.res.scope.push('admin'),
    ]) {
      const module = grant.code<App, User>({
        issue: (_txn, authorization) => (issued.push(authorization) ? 'the code' : false),
      });
      const { response: respond } = module;
      module.response = (ctx, next) => {
        write(ctx.state['oauth2']);
        return respond(ctx, next);
      };
      const { app } = serverWith((server) => server.grant(module).extend(strict), {
        decision: (server) => server.decision(() => ({ scope: ['read'] })),
      });
      assert.equal((await browser(app).allow())['error'], 'invalid_scope');
      assert.deepEqual(issued, []);
    }
  });
});
