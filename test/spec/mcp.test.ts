/** The Model Context Protocol, revision of 2026-07-28: its authorization, by what each sentence of it asks of the two servers. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, type DocumentedClient, exchange, grant, type Server, type ServerOptions } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';
import { type MCPProfileOptions, mcpProfile, mcpResource } from 'koauthorize/profile/mcp';
import { requireScope } from 'koauthorize/resource-server';
import { memoryStore, type TokenService, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { CHALLENGE, redirected, type User, VERIFIER } from '../support/authorization-server.js';
import { client, type Registered } from '../support/client-auth.js';
import { encode } from '../support/form.js';

const ISSUER = 'https://as.example';
const MCP = 'https://mcp.example/mcp';
const OTHER = 'https://mcp.example/other';
const CALLBACK = 'https://client.example/callback';
const ID = 'https://client.example/client.json';
const APP_URI = 'com.example.app:/callback';
const NATIVE = client('native', { redirect_uris: [APP_URI], token_endpoint_auth_method: 'none' });

/** Of several resources, each has its own. */
const noScopes = { scopes: undefined } as object;

type Setup = Partial<MCPProfileOptions<Registered, User>> & {
  readonly options?: ServerOptions<Registered, User>;
  readonly plug?: (server: Server<Registered, User>, tokens: TokenService<Registered, User>) => void;
  readonly methods?: 'none' | 'secrets';
};

const documentOf = (client_id: string) => ({
  ...{ client_id, client_name: 'An MCP client', redirect_uris: [CALLBACK] },
  grant_types: ['authorization_code', 'refresh_token'],
});
const fetch = async (url: string) => Response.json(documentOf(url));

function code(server: Server<Registered, User>, tokens: TokenService<Registered, User>): void {
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken));
}

function made({ options, plug = code, methods = 'none', ...profile }: Setup = {}) {
  const clock = { now: 1_767_225_600 };
  const now = () => clock.now;
  const tokens = tokenService<Registered, User>({ store: memoryStore(), now });
  const find = (id: string) => (id === NATIVE.client_id ? NATIVE : undefined);
  const server = createServer<Registered, User>({
    ...{ issuer: ISSUER, clients: { find }, tokens, now, allowOrigins: '*' },
    ...options,
  });
  plug(server, tokens);
  server.extend(
    ...mcpProfile<Registered, User>({ resource: MCP, scopes: ['read', 'write'], documents: { fetch }, ...profile }),
  );
  const authenticateClient = clientAuthentication<Registered>({
    server,
    methods: methods === 'none' ? [none()] : [clientSecretBasic()],
  });
  return { server, tokens, clock, now, authenticateClient };
}

/** Both servers, and a user who is logged in. */
function both(setup: Setup = {}) {
  const { server, tokens, clock, now, authenticateClient } = made(setup);
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  app.use(session(app)).use(server.errorHandler());
  const login: Middleware = async (ctx, next) => {
    ctx.state['user'] = { id: 'alice', name: 'Alice' };
    await next();
  };
  const router = new Router();
  router.get('/authorize', login, server.authorization({ immediate: () => true }) as Middleware);
  server.mount(router, { authenticateClient });
  const mcp = mcpResource({
    resource: MCP,
    authorizationServers: [ISSUER],
    scope: ['read'],
    verify: tokens.verify,
    now,
  });
  router.all('/mcp', mcp.bearer as Middleware, (ctx) => {
    ctx.body = { subject: ctx.state['token'].subject };
  });
  router.all('/mcp/write', mcp.bearer as Middleware, requireScope('write'), (ctx) => {
    ctx.body = {};
  });
  app.use(mcp.metadata).use(router.routes());
  const http = request(app.callback());
  const ask = (params: Record<string, string | undefined> = {}) =>
    http.get('/authorize').query(
      encode({
        ...{ response_type: 'code', client_id: ID, redirect_uri: CALLBACK, scope: 'read', resource: MCP, state: 's' },
        ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
        ...params,
      }),
    );
  const post = (params: Record<string, string | undefined>) => http.post('/token').type('form').send(encode(params));
  const connect = async (params: Record<string, string | undefined> = {}, more: object = {}) => {
    const { code } = redirected(await ask(params));
    const { client_id = ID, redirect_uri = CALLBACK } = params;
    const form = { grant_type: 'authorization_code', code, client_id, redirect_uri, code_verifier: VERIFIER };
    return (await post({ ...form, resource: MCP, ...more }).expect(200)).body;
  };
  const call = (token: string, path = '/mcp') => http.post(path).auth(token, { type: 'bearer' });
  return { http, ask, post, connect, call, clock };
}

describe('MCP 2026-07-28: the authorization server', () => {
  it('Overview 2, 5: its metadata is there, and says that clients with a document are taken, without a secret', async () => {
    const { body } = await both().http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.client_id_metadata_document_supported, true);
    assert.deepEqual(body.token_endpoint_auth_methods_supported, ['none']);
    assert.equal(body.registration_endpoint, undefined);
  });

  it('Authorization Code Protection: code_challenge_methods_supported is there, and S256 is all', async () => {
    const { http, ask } = both();
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(body.code_challenge_methods_supported, ['S256']);
    assert.equal(redirected(await ask({ code_challenge: undefined }))['error'], 'invalid_request');
    assert.equal(redirected(await ask({ code_challenge_method: 'plain' }))['error'], 'invalid_request');
  });

  it('Authorization Response Validation: iss is in every response, errors too, and announced', async () => {
    const { http, ask } = both();
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.authorization_response_iss_parameter_supported, true);
    assert.equal(redirected(await ask())['iss'], ISSUER);
    assert.equal(redirected(await ask({ scope: 'unknown' }))['iss'], ISSUER);
  });

  it('Token Audience Binding: a token is for the MCP server, also where the client names no resource', async () => {
    for (const resource of [MCP, undefined]) {
      const { connect, call } = both();
      const { access_token } = await connect({ resource }, { resource });
      await call(access_token).expect(200, { subject: 'alice' });
    }
    assert.equal(redirected(await both().ask({ resource: OTHER }))['error'], 'invalid_target');
  });

  it('several MCP servers: a token for one is refused at the other', async () => {
    const { connect, call } = both({
      resource: { [MCP]: { scopes: ['read'] }, [OTHER]: { scopes: ['read'] } },
      ...noScopes,
    });
    await call((await connect()).access_token).expect(200);
    await call((await connect({ resource: OTHER }, { resource: OTHER })).access_token).expect(401);
    await call((await connect({ resource: undefined }, { resource: undefined })).access_token).expect(401);
  });

  it('Token Theft: tokens live for minutes', async () => {
    assert.equal((await both().connect()).expires_in, 900);
    assert.equal((await both({ accessTokenLifetime: 60 }).connect()).expires_in, 60);
    for (const [lifetime, expected] of [
      [10_000, 900],
      [60, 60],
    ] as const) {
      const { connect } = both({ resource: { [MCP]: { scopes: ['read'], lifetime } }, ...noScopes });
      assert.equal((await connect()).expires_in, expected);
    }
    for (const accessTokenLifetime of [0, 3601, 1.5]) assert.throws(() => made({ accessTokenLifetime }), TypeError);
  });

  it('Token Theft: refresh tokens of public clients are rotated, and a retry gets the same answer', async () => {
    const { connect, post } = both();
    const { refresh_token } = await connect();
    const refresh = () => post({ grant_type: 'refresh_token', refresh_token, client_id: ID, resource: MCP });
    const [one, other] = await Promise.all([refresh(), refresh()]);
    assert.deepEqual([one.status, other.status], [200, 200]);
    assert.notEqual(one.body.refresh_token, refresh_token);
    assert.equal(one.body.refresh_token, other.body.refresh_token);
  });

  it('Refresh Tokens: offline_access is announced, and may be asked for', async () => {
    const { http, connect } = both();
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(body.scopes_supported, ['read', 'write', 'offline_access']);
    const tokens = await connect({ scope: 'read offline_access', prompt: 'consent' });
    assert.ok(tokens.refresh_token);
  });

  it('Communication Security: redirect URIs are https or localhost; others need a named option', async () => {
    const params = { client_id: NATIVE.client_id, redirect_uri: APP_URI };
    assert.equal(redirected(await both().ask(params))['error'], 'invalid_request');
    assert.ok(redirected(await both({ allowPrivateSchemes: true }).ask(params))['code']);
    const documents = {
      fetch: async (url: string) =>
        Response.json({ ...documentOf(url), redirect_uris: [APP_URI], application_type: 'native' }),
    };
    const documented = { redirect_uri: APP_URI };
    assert.equal((await both({ documents }).ask(documented)).headers['location'], undefined);
    assert.ok(redirected(await both({ documents, allowPrivateSchemes: true }).ask(documented))['code']);
  });

  it('a refresh token that is wrong is invalid_grant, and a client that cannot be fetched now is 503: clients delete everything at invalid_client', async () => {
    const { connect, post } = both();
    await connect();
    const wrong = await post({ grant_type: 'refresh_token', refresh_token: 'x', client_id: ID });
    assert.deepEqual([wrong.status, wrong.body.error], [400, 'invalid_grant']);
    let isDown = false;
    const shaky = async (url: string) => (isDown ? new Response('', { status: 502 }) : fetch(url));
    const other = both({ documents: { fetch: shaky } });
    const { refresh_token } = await other.connect();
    isDown = true;
    other.clock.now += 400;
    const { body } = await other.post({ grant_type: 'refresh_token', refresh_token, client_id: ID });
    other.clock.now += 3600; // its copy goes on for so long
    const down = await other.post({ grant_type: 'refresh_token', refresh_token: body.refresh_token, client_id: ID });
    assert.deepEqual([down.status, down.body.error], [503, 'temporarily_unavailable']);
  });

  it('Client ID Metadata Documents: a document has a name, also where the application makes its client', async () => {
    for (const client_name of [undefined, '', ' '])
      for (const client of [undefined, (registration: DocumentedClient) => ({ ...registration }) as Registered]) {
        const nameless = async (url: string) => Response.json({ ...documentOf(url), client_name });
        const { ask } = both({ documents: { fetch: nameless, ...(client && { client }) } });
        const answer = await ask();
        assert.equal(answer.headers['location'], undefined, 'its redirect URI is not trusted');
        assert.match(answer.text, /client_name (is missing|must be a text)/);
      }
    assert.ok(redirected(await both().ask())['code']);
  });

  it('documents: false takes no client with a document, and does not say so', async () => {
    const { http, ask } = both({ documents: false });
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.client_id_metadata_document_supported, undefined);
    assert.equal((await ask()).headers['location'], undefined);
  });

  const noToken = memoryStore();
  const lacking: readonly [what: string, setup: Setup, message: RegExp][] = [
    ['no issuer', { options: { issuer: undefined } as never }, /issuer/],
    ['no token service', { options: { tokens: undefined } as never, documents: false }, /createServer\(\{ tokens/],
    ['no code grant', { plug: () => {} }, /code grant/],
    [
      'no refreshes',
      { plug: (server, tokens) => server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)) },
      /refreshes/,
    ],
    ['no clients without a secret', { methods: 'secrets', documents: false }, /none\(\)/],
    [
      'the implicit grant',
      {
        plug(server, tokens) {
          code(server, tokens);
          server.grant(grant.token(tokens.token));
        },
      },
      /implicit grant/,
    ],
    [
      'the password grant',
      {
        plug(server) {
          const tokens = tokenService<Registered, User>({ store: noToken, authenticate: () => undefined });
          code(server, tokens);
          server.exchange(exchange.password(tokens.password));
        },
      },
      /password/,
    ],
  ];
  for (const [what, setup, message] of lacking) {
    it(`with ${what} it does not start`, () => {
      assert.throws(() => made(setup).server.check(), message);
    });
  }

  it('options that cannot be meant throw', () => {
    for (const options of [
      {},
      { resource: MCP, revision: '2025-03-26' },
      { resource: MCP, scope: ['read'] },
      { resource: { [MCP]: {} }, scopes: ['read'] },
      { resource: 'mcp.example' },
    ])
      assert.throws(() => mcpProfile(options as never), TypeError, JSON.stringify(options));
  });
});

describe('MCP 2026-07-28: the MCP server', () => {
  const at = '/.well-known/oauth-protected-resource';

  it('Overview 4: its metadata is at both places where clients look', async () => {
    const { http } = both();
    for (const path of [`${at}/mcp`, at]) {
      const { body } = await http.get(path).expect(200);
      assert.deepEqual(body, {
        ...{ resource: MCP, authorization_servers: [ISSUER], scopes_supported: ['read'] },
        bearer_methods_supported: ['header'],
      });
    }
  });

  it('Scope Selection Strategy: without a token 401, with where the metadata is and the scope that is needed', async () => {
    const { headers } = await both().http.post('/mcp').expect(401);
    assert.equal(
      headers['www-authenticate'],
      `Bearer realm="API", scope="read", resource_metadata="https://mcp.example${at}/mcp"`,
    );
  });

  it('Scope Challenge Handling: 403 with all that the operation needs', async () => {
    const { connect, call } = both();
    const { headers } = await call((await connect()).access_token, '/mcp/write').expect(403);
    const challenge = headers['www-authenticate'] ?? '';
    for (const part of [
      'error="insufficient_scope"',
      'scope="read write"',
      `resource_metadata="https://mcp.example${at}/mcp"`,
    ])
      assert.ok(challenge.includes(part), `${part} in ${challenge}`);
    await call((await connect({ scope: 'read write' })).access_token, '/mcp/write').expect(200);
  });

  it('Access Token Usage: in the header only, expired ones are 401', async () => {
    const { connect, http, call, clock } = both();
    const { access_token } = await connect();
    await http.post(`/mcp?access_token=${access_token}`).expect(401);
    await http.post('/mcp').type('form').send({ access_token }).expect(401);
    clock.now += 900;
    await call(access_token).expect(401);
  });

  it('scripts of every origin may call all that is public: both documents, the token endpoint, and the MCP server', async () => {
    const { http } = both();
    const preflight = (method: string) => ({
      Origin: 'https://inspector.example',
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,mcp-protocol-version',
    });
    for (const [path, method] of [
      ['/.well-known/oauth-authorization-server', 'GET'],
      [`${at}/mcp`, 'GET'],
      [at, 'GET'],
      ['/token', 'POST'],
      ['/mcp', 'POST'],
    ] as const) {
      const { headers } = await http.options(path).set(preflight(method)).expect(204);
      assert.equal(headers['access-control-allow-origin'], '*', path);
      assert.equal(headers['access-control-allow-headers'], 'authorization,mcp-protocol-version', path);
    }
    const refused = await http.post('/mcp').set('Origin', 'https://inspector.example').expect(401);
    assert.equal(refused.headers['access-control-expose-headers'], '*');
  });

  it('Refresh Tokens: offline_access is no scope of a resource', () => {
    const given = { resource: MCP, authorizationServers: [ISSUER], verify: () => null };
    for (const more of [{ scope: ['offline_access'] }, { scopesSupported: ['offline_access'] }])
      assert.throws(() => mcpResource({ ...given, ...more }), /offline_access/);
    for (const more of [
      { authorizationServers: [] },
      { audience: OTHER },
      { allowTokenInQuery: true },
      { resource: 'x' },
    ])
      assert.throws(() => mcpResource({ ...given, ...more } as never), TypeError);
  });
});
