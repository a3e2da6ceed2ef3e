/** RFC 9112 §3.2: request targets that cannot be read, and listeners of the error event that trip over them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHTTP2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import Koa, { type Middleware } from 'koa';
import { AuthorizationError, BadRequestError, createServer, exchange, requestTarget, revocation } from 'koauthorize';
import { bearer, protectedResource } from 'koauthorize/resource-server';
import { memoryStore } from 'koauthorize/tokens';
import { passportServer } from '../../examples/passport/server.js';
import { quickstart } from '../../examples/quickstart/server.js';
import { exchangeRaw } from '../resource-server/api.js';
import { authorizationServer, browser, redirected } from '../support/authorization-server.js';
import { startFull } from '../support/full.js';
import { Peer } from '../support/raw-http.js';
import { dataFrame, headersFrame, Peer2 } from '../support/raw-http2.js';

const UNREADABLE = [
  'http://[::1/',
  'http://xn--/token',
  'HTTP://%/',
  'http://as.example:99999/token',
  'x://[',
  'x://as.example',
  'x://as.example/token',
  '//user@[::1#/token',
];

const get = (app: Koa, target: string, method = 'GET') =>
  exchangeRaw(app, [
    `${method} ${target} HTTP/1.1`,
    'Host: as.example',
    'Content-Type: application/x-www-form-urlencoded',
  ]);

describe('RFC 9112 §3.2: a request target that cannot be read', () => {
  for (const target of UNREADABLE) {
    it(`${target} gets 400 as an OAuth error response, and the operator gets no report of a server fault`, async () => {
      const { app, errors } = authorizationServer();
      for (const method of ['GET', 'POST']) {
        const { status, text } = await get(app, target, method);
        assert.equal(status, 400, text);
        assert.match(text, /\{"error":"invalid_request","error_description":"The request target cannot be read"\}$/);
      }
      assert.ok(errors.length === 2 && errors.every((error) => error instanceof BadRequestError));
    });
  }

  const server = createServer();
  server.exchange(exchange.clientCredentials(() => assert.fail('a token for nobody')));
  const alone: Readonly<Record<string, readonly Middleware[]>> = {
    'requestTarget()': [requestTarget(), (ctx) => assert.fail(ctx.path)],
    'server.token()': [server.token()],
    'server.decision()': [server.decision()],
    'server.resume()': [server.resume(() => false)],
    'server.authorization()': [server.authorization(() => assert.fail('a client was looked up'))],
    'revocation()': [server.endpoint(revocation(() => assert.fail('a token was looked up')))],
    'protectedResource()': [protectedResource({ resource: 'https://api.example' })],
  };
  for (const [name, middleware] of Object.entries(alone)) {
    it(`${name} without an error handler makes it 400, not 500`, async () => {
      const app = new Koa();
      app.silent = true;
      for (const one of middleware) app.use(one);
      const method = /resume|authorization/.test(name) ? 'GET' : 'POST';
      for (const target of UNREADABLE) assert.equal((await get(app, target, method)).status, 400, target);
    });
  }

  it('bearer() makes it 400, whether tokens in the query are allowed or not', async () => {
    const allowed = [{}, { allowTokenInQuery: true }, { allowTokenInForm: true }];
    for (const options of allowed) {
      const app = new Koa().use(bearer({ verify: () => assert.fail('a token was looked up'), ...options }));
      for (const target of UNREADABLE) {
        const { status, text } = await get(app, target, 'POST');
        assert.equal(status, 400, text);
        assert.match(text, /"error":"invalid_request"/);
      }
    }
  });

  it('targets that can be read are served: absolute ones of http too, and *', async () => {
    const { app } = authorizationServer({ before: (ctx, next) => (ctx.path === '*' ? undefined : next()) });
    const status = async (target: string, method: string) => (await get(app, target, method)).status;
    assert.equal(await status('http://as.example/token?', 'PUT'), 405);
    assert.equal(await status('https://other.example:8443/token?x=%ff', 'PUT'), 405);
    assert.equal(await status('*', 'OPTIONS'), 404);
  });

  it('in HTTP/2, where Node itself refuses those that begin with no slash', async () => {
    const { app } = authorizationServer();
    const http = createHTTP2(app.callback()).listen(0);
    await once(http, 'listening');
    const peer = new Peer2((http.address() as AddressInfo).port);
    try {
      let stream = 1;
      for (const path of [...UNREADABLE, 'token', '?x', 'javascript:alert(1)']) {
        const pseudo = [
          [':method', 'POST'],
          [':scheme', 'http'],
          [':authority', 'as.example'],
        ] as const;
        peer.send(headersFrame(stream, [...pseudo, [':path', path]]), dataFrame(stream, 'a=b', 'last'));
        const body = String(await peer.end(stream));
        const isRefusedByNode = !peer.answered.has(stream); // RFC 9113 §8.3.1: a path begins with a slash
        assert.equal(isRefusedByNode, !path.startsWith('/'), path);
        if (!isRefusedByNode) assert.match(body, /"error":"invalid_request"/, path);
        stream += 2;
      }
    } finally {
      peer.socket.destroy();
      http.close();
    }
  });
});

describe('examples: a request target that cannot be read', () => {
  for (const [name, open] of [
    ['quickstart', () => quickstart('http://localhost:3000', memoryStore())],
    ['passport', async () => passportServer()],
  ] as const) {
    it(`${name} answers 400`, async () => {
      const app = await open();
      app.silent = true;
      for (const target of UNREADABLE) assert.equal((await get(app, target)).status, 400, target);
    });
  }

  it('full answers 400, logs it in a line, and goes on', async () => {
    const full = await startFull();
    const { port } = full.http.address() as AddressInfo;
    try {
      for (const target of UNREADABLE) {
        const peer = new Peer(port).send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        await peer.closed;
        assert.match(peer.received, /^HTTP\/1\.1 400 /, target);
      }
      assert.equal(full.log().match(/"event":"refused","status":400/g)?.length, UNREADABLE.length);
      assert.equal((await fetch(`${full.url}/health`)).status, 200);
    } finally {
      await full.stop();
    }
  });
});

describe('a listener of the error event that throws changes no answer', () => {
  const listeners: Readonly<Record<string, () => unknown>> = {
    'it throws': () => {
      throw new Error('the listener failed');
    },
    'it throws no error': () => {
      throw null;
    },
    'its promise is rejected': () => Promise.reject(new Error('the listener failed')),
  };
  for (const [name, listener] of Object.entries(listeners)) {
    it(`of server.errorHandler(): ${name}`, async () => {
      const { app, errors } = authorizationServer({ before: (_ctx, next) => next() });
      app.prependListener('error', listener);
      const warned = once(process, 'warning');
      const { status, text } = await get(app, '/token', 'POST');
      assert.equal(status, 400, text);
      assert.equal(errors.length, 1, 'the other listeners hear of it');
      const [warning] = await warned;
      assert.match(String(warning), /the listener failed|Something other than an error/);
    });

    it(`of server.authorizationErrorHandler(): ${name}`, async () => {
      const { app, errors } = authorizationServer({
        routes: (router, server) =>
          router.post('/login', server.authorizationErrorHandler(), () => {
            throw new AuthorizationError('The login was given up', 'access_denied');
          }),
      });
      app.prependListener('error', listener);
      const { agent, authorize } = browser(app, '');
      const { transactionID } = (await authorize()).body;
      const warned = once(process, 'warning');
      const answer = await agent.post('/login').type('form').send({ transaction_id: transactionID });
      assert.equal(redirected(answer)['error'], 'access_denied', answer.text);
      assert.equal(errors.length, 1, 'the other listeners hear of it');
      await warned;
    });
  }
});
