/** The Fetch Standard's CORS protocol: what scripts of other origins may call, and read. */
import assert from 'node:assert/strict';
import { introspection, jwks, metadata, revocation, type ServerOptions } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';
import { protectedResource } from 'koauthorize/resource-server';
import request from 'supertest';
import { type App, authorizationServer, CALLBACK, type User } from '../support/authorization-server.js';

const SPA = 'https://spa.example';
const PUBLIC = {
  client_id: 'spa',
  client_name: 'A page',
  redirect_uris: [CALLBACK],
  token_endpoint_auth_method: 'none',
};

function serve(options: ServerOptions<App, User> = {}) {
  const resource = protectedResource({ resource: 'https://api.example' });
  const authenticate = clientAuthentication<App>({
    find: (id) => (id === PUBLIC.client_id ? PUBLIC : undefined),
    methods: [clientSecretBasic(), none()],
  });
  const reached: string[] = [];
  const { app } = authorizationServer({
    options,
    before: resource,
    routes(router, server) {
      router.all('/programs/token', authenticate, server.token());
      router.all('/programs/bare', server.token());
      router.all('/programs/revoke', authenticate, server.endpoint(revocation(() => {})));
      router.all('/programs/introspect', authenticate, server.endpoint(introspection(() => false)));
      router.all('/programs/own', authenticate, (ctx) => {
        reached.push(ctx.method);
        ctx.body = {};
      });
      router.all('/jwks', server.endpoint(jwks({ jwks: () => ({ keys: [] }) })));
      router.all('/document', server.endpoint(metadata()));
      router.options(
        '/authorize',
        server.authorization(() => false),
      );
    },
  });
  const preflight = (path: string, method: string, names: string, origin = SPA) =>
    request(app.callback())
      .options(path)
      .set({ Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': names });
  const post = (path: string, form: object, origin = SPA) =>
    request(app.callback()).post(path).set('Origin', origin).type('form').send(form);
  return { app, reached, preflight, post };
}

/** What no answer has: cookies do not count here. */
function assertAllowed({ headers }: { readonly headers: Readonly<Record<string, string>> }, origin: string): void {
  assert.equal(headers['access-control-allow-origin'], origin);
  assert.equal(headers['access-control-allow-credentials'], undefined);
}

describe('CORS: public documents', () => {
  const DOCUMENTS = ['/document', '/jwks', '/.well-known/oauth-protected-resource'];
  for (const path of DOCUMENTS) {
    for (const names of ['mcp-protocol-version', 'traceparent,tracestate', 'authorization, x-of-my-own']) {
      it(`${path}: the preflight with ${names} is answered, whatever origins the server allows`, async () => {
        for (const options of [{}, { allowOrigins: ['https://other.example'] }]) {
          const response = await serve(options).preflight(path, 'GET', names).expect(204);
          assertAllowed(response, '*');
          assert.equal(response.headers['access-control-allow-headers'], names);
          assert.match(response.headers['access-control-allow-methods'] ?? '', /GET/);
        }
      });
    }

    it(`${path}: is read by every origin, answers OPTIONS, and never cookies`, async () => {
      const { app } = serve();
      assertAllowed(await request(app.callback()).get(path).set('Origin', SPA).expect(200), '*');
      assertAllowed(await request(app.callback()).get(path).expect(200), '*');
      const options = await request(app.callback()).options(path).expect(204);
      assert.equal(options.headers['allow'], 'GET, HEAD, OPTIONS');
    });
  }
  for (const path of ['/document', '/jwks'])
    it(`RFC 9110 §15.5.6: ${path} takes no other methods`, async () => {
      for (const method of ['post', 'put', 'delete'] as const) {
        const response = await request(serve().app.callback())[method](path).expect(405);
        assert.equal(response.headers['allow'], 'GET, HEAD, OPTIONS');
      }
    });

  it('what is no list of header names is not echoed', async () => {
    const response = await serve().preflight('/document', 'GET', 'x y; z').expect(204);
    assert.equal(response.headers['access-control-allow-headers'], undefined);
  });
});

describe('CORS: endpoints that clients authenticate at', () => {
  const ENDPOINTS = ['/programs/token', '/programs/bare', '/programs/revoke', '/programs/introspect'];
  for (const path of ENDPOINTS) {
    it(`${path}: with allowOrigins the preflight gets through client authentication, whatever headers it asks for`, async () => {
      for (const allowOrigins of ['*', [SPA]] as const) {
        const { preflight } = serve({ allowOrigins });
        for (const names of ['authorization,content-type', 'dpop', 'traceparent']) {
          const response = await preflight(path, 'POST', names).expect(204);
          assertAllowed(response, allowOrigins === '*' ? '*' : SPA);
          assert.equal(response.headers['access-control-allow-headers'], names);
          assert.match(response.headers['access-control-allow-methods'] ?? '', /POST/);
          assert.ok(Number(response.headers['access-control-max-age']) > 0);
        }
      }
    });

    it(`${path}: without, and for other origins, nothing is allowed: 405`, async () => {
      for (const options of [{}, { allowOrigins: ['https://other.example'] }, { allowOrigins: [] }]) {
        const response = await serve(options).preflight(path, 'POST', 'dpop').expect(405);
        assert.equal(response.headers['access-control-allow-origin'], undefined);
      }
    });
  }

  it('scripts can read errors, including those of client authentication, and their headers', async () => {
    for (const allowOrigins of ['*', [SPA]] as const) {
      const { post } = serve({ allowOrigins });
      const failed = await post('/programs/token', { grant_type: 'refresh_token', client_id: 'nobody' });
      assert.deepEqual([failed.status, failed.body.error], [400, 'invalid_client']);
      const refused = await post('/programs/token', { grant_type: 'unknown', client_id: 'spa' });
      assert.deepEqual([refused.status, refused.body.error], [400, 'unsupported_grant_type']);
      const revoked = await post('/programs/revoke', { token: 't', client_id: 'spa' }).expect(200);
      for (const response of [failed, refused, revoked]) {
        assertAllowed(response, allowOrigins === '*' ? '*' : SPA);
        assert.equal(response.headers['access-control-expose-headers'], '*');
        if (allowOrigins !== '*') assert.match(response.headers['vary'] ?? '', /\bOrigin\b/);
      }
    }
  });

  it('an origin that is not allowed gets no CORS headers, so that its scripts cannot read the response', async () => {
    const response = await serve({ allowOrigins: [SPA] }).post(
      '/programs/revoke',
      { token: 't', client_id: 'spa' },
      'https://evil.example',
    );
    assert.deepEqual([response.status, response.headers['access-control-allow-origin']], [200, undefined]);
    assert.match(response.headers['vary'] ?? '', /\bOrigin\b/);
  });

  it('client authentication does not pass a preflight to the middleware after it', async () => {
    const { preflight, reached } = serve({ allowOrigins: '*' });
    await preflight('/programs/own', 'GET', 'authorization').expect(204);
    assert.deepEqual(reached, []);
  });

  it('the authorization endpoint never sends CORS headers', async () => {
    const { app, preflight } = serve({ allowOrigins: '*' });
    const answers = [
      await preflight('/authorize', 'GET', 'authorization'),
      await request(app.callback()).get('/authorize').set('Origin', SPA),
      await request(app.callback()).get('/authorize?client_id=nobody').set('Origin', SPA),
    ];
    for (const { headers } of answers) assert.equal(headers['access-control-allow-origin'], undefined);
  });

  for (const wrong of [
    'https://spa.example/',
    'spa.example',
    'https://spa.example/path',
    '*',
    'https://SPA.example',
    '',
  ])
    it(`${JSON.stringify([wrong])} is no list of origins: it would never be allowed`, () => {
      assert.throws(() => serve({ allowOrigins: [wrong] }), { name: 'TypeError', message: /allowOrigins/ });
    });
  it('a text is no list of origins', () => {
    assert.throws(() => serve({ allowOrigins: SPA as '*' }), { name: 'TypeError', message: /allowOrigins/ });
  });
});
