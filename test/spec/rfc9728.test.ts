/** RFC 9728: OAuth 2.0 Protected Resource Metadata. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import Koa from 'koa';
import { bearer, protectedResource, requireAuthentication, requireScope } from 'koauthorize/resource-server';
import * as oauth from 'oauth4webapi';
import request from 'supertest';
import { type APISetup, api, assertBare, GOOD } from '../resource-server/api.js';
import { freePort } from '../support/free-port.js';

const RESOURCE = 'https://api.example/v1';
const METADATA = 'https://api.example/.well-known/oauth-protected-resource/v1';
const PATH = '/.well-known/oauth-protected-resource/v1';

function resourceApp(resource = RESOURCE, more: object = {}) {
  const middleware = protectedResource({ resource, ...more });
  const app = new Koa().use(middleware).use((ctx) => {
    ctx.body = 'passed on';
  });
  return { middleware, ask: request(app.callback()) };
}

describe('RFC 9728 §3.1: where the metadata is', () => {
  const places: readonly [resource: string, metadata: string][] = [
    ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
    [RESOURCE, METADATA],
    ['https://api.example/v1/', 'https://api.example/.well-known/oauth-protected-resource/v1/'],
    ['https://api.example/a/b%20c', 'https://api.example/.well-known/oauth-protected-resource/a/b%20c'],
    ['https://api.example/v1?tenant=x', 'https://api.example/.well-known/oauth-protected-resource/v1?tenant=x'],
    ['https://api.example?tenant=x', 'https://api.example/.well-known/oauth-protected-resource?tenant=x'],
    ['https://api.example:8443/v1', 'https://api.example:8443/.well-known/oauth-protected-resource/v1'],
    ['http://localhost:3000/v1', 'http://localhost:3000/.well-known/oauth-protected-resource/v1'],
    ['http://127.0.0.1/v1', 'http://127.0.0.1/.well-known/oauth-protected-resource/v1'],
    ['http://[::1]:3000', 'http://[::1]:3000/.well-known/oauth-protected-resource'],
  ];
  for (const [resource, metadata] of places) {
    it(resource, async () => {
      const { middleware, ask } = resourceApp(resource);
      assert.deepEqual([middleware.metadataURL, middleware.identifier], [metadata, resource]);
      const { pathname, search } = new URL(metadata);
      // §3.3: the same, letter by letter
      assert.equal((await ask.get(pathname + search).expect(200)).body.resource, resource);
    });
  }

  it('alsoAtRoot answers at the root of the host, too, with the same document', async () => {
    const app = new Koa().use(protectedResource({ resource: RESOURCE }, { alsoAtRoot: true })).use((ctx) => {
      ctx.body = 'passed on';
    });
    const ask = request(app.callback());
    const root = '/.well-known/oauth-protected-resource';
    assert.deepEqual((await ask.get(root).expect(200)).body, (await ask.get(PATH).expect(200)).body);
    const preflight = { Origin: 'https://spa.example', 'Access-Control-Request-Method': 'GET' };
    await ask.options(root).set(preflight).expect(204);
    for (const path of [`${root}?x=y`, `${root}/`, `${root}/v2`]) await ask.get(path).expect(200, 'passed on');
    assert.throws(() => protectedResource({ resource: RESOURCE }, { alsoAtRoots: true } as never), TypeError);
  });

  it('and nowhere else: all other requests are passed on', async () => {
    const { ask } = resourceApp();
    for (const path of [
      '/',
      '/v1',
      '/.well-known/oauth-protected-resource',
      `${PATH}/`,
      `${PATH}/x`,
      `${PATH}?tenant=x`,
    ])
      await ask.get(path).expect(200, 'passed on');
    await resourceApp(`${RESOURCE}?tenant=x`).ask.get(PATH).expect(200, 'passed on');
    for (const method of ['post', 'put', 'delete', 'patch'] as const) await ask[method](PATH).expect(200, 'passed on');
  });
});

describe('RFC 9728 §1.2, §2: the resource', () => {
  const wrong = [
    'http://api.example/v1',
    'https://api.example/v1#part',
    'https://api.example/v1#',
    'https://user:secret@api.example/v1',
    'ftp://api.example',
    'urn:api',
    '/v1',
    'api.example',
    '',
    'http://localhost.example',
    'http://127.0.0.1.example',
  ];
  for (const resource of wrong) {
    it(`cannot be ${JSON.stringify(resource)}`, () => {
      assert.throws(() => protectedResource({ resource }), TypeError);
    });
  }
});

describe('RFC 9728 §3.2: the answer', () => {
  it('is JSON, verbatim, which may be kept and read from anywhere', async () => {
    const members = {
      resource: RESOURCE,
      authorization_servers: ['https://as.example'],
      scopes_supported: ['read', 'write'],
      resource_name: 'Notes',
      'resource_name#de': 'Notizen',
    };
    const response = await resourceApp(RESOURCE, members).ask.get(PATH).expect(200);
    assert.deepEqual(response.body, { ...members, bearer_methods_supported: ['header'] });
    const { 'content-type': type, 'cache-control': cache, 'access-control-allow-origin': origin } = response.headers;
    assert.deepEqual([type, cache, origin], ['application/json; charset=utf-8', 'public, max-age=3600', '*']);
  });

  it('the application says in what ways else it takes tokens', async () => {
    const { ask } = resourceApp(RESOURCE, { bearer_methods_supported: ['header', 'body'] });
    assert.deepEqual((await ask.get(PATH)).body.bearer_methods_supported, ['header', 'body']);
  });

  it('members with zero elements MUST be omitted', async () => {
    const { ask } = resourceApp(RESOURCE, {
      authorization_servers: [],
      scopes_supported: undefined,
      bearer_methods_supported: [],
    });
    assert.deepEqual((await ask.get(PATH)).body, { resource: RESOURCE });
  });

  it('HEAD has no body; OPTIONS lets browsers ask', async () => {
    const { ask } = resourceApp();
    const head = await ask.head(PATH).expect(200);
    assert.equal(head.headers['access-control-allow-origin'], '*');
    const preflight = {
      Origin: 'https://spa.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'mcp-protocol-version',
    };
    const options = await ask.options(PATH).set(preflight).expect(204);
    const { 'access-control-allow-origin': origin, 'access-control-allow-headers': headers } = options.headers;
    const methods = options.headers['access-control-allow-methods'];
    assert.deepEqual([origin, headers, methods], ['*', 'mcp-protocol-version', 'GET, HEAD']);
  });
});

describe('RFC 9728 §5.1: every challenge leads there', () => {
  const resource = protectedResource({ resource: RESOURCE });
  const more = `resource_metadata="${METADATA}"`;
  const told = (error: string, besides = '') =>
    new RegExp(`^Bearer realm="API"${besides}, error="${error}", error_description="[^"]+", ${more}$`);

  it('the bare one', async () => {
    assertBare(await api({ resource }).ask(), `Bearer realm="API", ${more}`);
  });

  const cases: readonly [what: string, header: string, challenge: RegExp, setup: APISetup][] = [
    ['malformed', 'Bearer', told('invalid_token'), {}],
    ['invalid_token', 'Bearer bad', told('invalid_token'), {}],
    ['insufficient_scope', 'Bearer good', told('insufficient_scope', ', scope="x"'), { after: [requireScope('x')] }],
    ['audience', 'Bearer good', told('invalid_token'), { audience: RESOURCE }],
    [
      'requireAuthentication',
      'Bearer good',
      told('insufficient_user_authentication', ', max_age="5"'),
      { after: [requireAuthentication({ maxAge: 5 })] },
    ],
  ];
  for (const [what, header, challenge, setup] of cases) {
    it(what, async () => {
      const { ask, seen } = api({ resource, ...setup });
      assert.match((await ask(header)).headers['www-authenticate'] ?? '', challenge);
      assert.deepEqual(seen, []);
    });
  }

  it('a query in it does not break out of its quotes', async () => {
    const odd = protectedResource({ resource: 'https://api.example/v1?a="b"\\' });
    const challenge = (await api({ resource: odd }).ask()).headers['www-authenticate'] ?? '';
    assert.match(challenge, /^Bearer realm="API", resource_metadata="https:[^"]+"$/);
  });
});

describe('RFC 9728, with oauth4webapi for a client', () => {
  for (const path of ['', '/v1', '/v1?tenant=x']) {
    it(`from the challenge, and from the identifier, to the same metadata: ${path || '/'}`, async () => {
      const port = await freePort();
      const identifier = `http://127.0.0.1:${port}${path}`;
      const resource = protectedResource({ resource: identifier, authorization_servers: ['https://as.example'] });
      const app = new Koa().use(resource).use(bearer({ verify: () => GOOD, resource }));
      const server = app.listen(port, '127.0.0.1');
      await once(server, 'listening');
      try {
        const options = { [oauth.allowInsecureRequests]: true };
        const url = new URL(identifier);

        const discovered = await oauth.resourceDiscoveryRequest(url, options);
        const { authorization_servers } = await oauth.processResourceDiscoveryResponse(url, discovered);
        assert.deepEqual(authorization_servers, ['https://as.example']);

        const { status, headers } = await fetch(identifier);
        assert.equal(status, 401);
        const answer = async () => new Response('{}', { status, headers });
        const error = await oauth
          .protectedResourceRequest('t', 'GET', url, undefined, undefined, { ...options, [oauth.customFetch]: answer })
          .then(
            () => assert.fail('no challenge'),
            (error: unknown) => error,
          );
        assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, String(error));
        const [challenge] = error.cause;
        assert.equal(challenge?.parameters.resource_metadata, resource.metadataURL);
        const linked = await fetch(resource.metadataURL);
        assert.equal((await oauth.processResourceDiscoveryResponse(url, linked)).resource, identifier);
      } finally {
        server.close();
      }
    });
  }
});
