/** Endpoints that no request would reach, and metadata that would send clients elsewhere. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import { createServer, type Extension, exchange, grant, pkce, type Route } from 'koauthorize';

const route = (more: Partial<Route> = {}): Route => ({ path: '/mine', methods: ['POST'], handler: () => {}, ...more });
const extension = (more: Partial<Route> = {}): Extension => ({ name: 'mine', routes: { mine: route(more) } });
const clientCredentials = exchange.clientCredentials(() => 'token');

describe('what is plugged in after server.mount()', () => {
  const mounted = () => createServer().mount(new Router());

  it('throws if it brings an endpoint: the metadata would announce it, and the router answer 404', () =>
    assert.throws(() => mounted().extend(extension()), {
      message:
        'The extension mine came after server.mount(), which has not mounted its endpoint mine: plug it in before',
    }));

  it('throws if it is the first exchange, by the server or by an extension: there would be no token endpoint', () => {
    const message = /grant type client_credentials came after server.mount\(\), .* endpoint token/;
    assert.throws(() => mounted().exchange(clientCredentials), message);
    assert.throws(() => mounted().extend({ name: 'mine', exchanges: [clientCredentials] }), message);
    assert.throws(() => mounted().exchange('client_credentials', async () => {}), message);
  });

  it('may be a part without endpoints, a page of the application, one that the application mounts, or one that was there', () => {
    const there = extension();
    const server = createServer().exchange(clientCredentials).extend(there).mount(new Router());
    server.extend(there, pkce(), { name: 'page', routes: { page: route({ path: '/page', hasPage: true }) } });
    server.endpoint({ name: 'own', routes: { own: route({ path: '/own' }) } });
    server.exchange(exchange.refreshToken(() => 'token')).check();
  });
});

describe('an endpoint of an extension at the place of one of the server', () => {
  const server = (endpoints: object = {}) =>
    createServer({ endpoints })
      .exchange(clientCredentials)
      .grant(grant.code(() => 'code'))
      .extend(pkce());

  it('is an error at start, for the token and the authorization endpoint', () => {
    const taken = (path: string) => () => server().extend(extension({ path })).check();
    assert.throws(taken('/token'), /The endpoints token and mine are both at \/token/);
    assert.throws(taken('/authorize'), /The endpoints authorization and mine are both at \/authorize/);
  });

  it('also if the endpoint of the server has another path than the usual one', () => {
    assert.throws(
      () => server({ token: '/mine' }).extend(extension()).check(),
      /The endpoints token and mine are both at \/mine/,
    );
    server({ token: '/other' })
      .extend(extension({ path: '/token' }))
      .check();
  });

  it('is none if the server has no such endpoint', () =>
    void createServer()
      .extend(extension({ path: '/token' }))
      .check());
});

describe('metadata of an extension', () => {
  for (const [member, value] of [
    ['token_endpoint', 'https://evil.example/token'],
    ['authorization_endpoint', 'https://evil.example/authorize'],
    ['grant_types_supported', ['password']],
  ] as const)
    it(`cannot replace ${member}, which the server sets`, () =>
      assert.throws(() => createServer().extend({ name: 'mine', metadata: () => ({ [member]: value }) }), {
        message: `mine would replace "${member}" of the metadata: only createServer() and metadata() set it`,
      }));
});
