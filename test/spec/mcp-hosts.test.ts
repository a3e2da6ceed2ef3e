/** What hosts of MCP clients do, as they were seen to do it, at a server by `mcpProfile()` with registration (RFC 7591). */
import assert from 'node:assert/strict';
import { createServer as createHTTPServer, type IncomingMessage, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  type ClientRegistrationOptions,
  clientRegistration,
  createServer,
  exchange,
  grant,
  type RegisteredClient,
  registeredClients,
} from 'koauthorize';
import { clientAuthentication, none } from 'koauthorize/client-auth';
import { type MCPProfileOptions, mcpProfile, mcpResource } from 'koauthorize/profile/mcp';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { CHALLENGE, redirected, type User, VERIFIER } from '../support/authorization-server.js';
import { encode } from '../support/form.js';

const ISSUER = 'https://as.example';
const MCP = 'https://mcp.example/mcp';

interface Setup extends Partial<MCPProfileOptions<RegisteredClient, User>> {
  readonly anyPortForLocalhost?: boolean;
  readonly registers?: Partial<ClientRegistrationOptions>;
}

type Params = Readonly<Record<string, string | undefined>>;

function application({ anyPortForLocalhost = false, registers, ...profile }: Setup = {}) {
  const clock = { now: 1_767_225_600 };
  const now = () => clock.now;
  const store = memoryStore();
  const tokens = tokenService<RegisteredClient, User>({ store });
  const server = createServer<RegisteredClient, User>({ issuer: ISSUER, tokens, now, anyPortForLocalhost });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken));
  const registration = clientRegistration<RegisteredClient, User>({
    clients: registeredClients(store, { now }),
    allowAnyone: true,
    ...registers,
  });
  server.extend(
    ...mcpProfile<RegisteredClient, User>({ resource: MCP, scopes: ['read', 'write'], registration, ...profile }),
  );
  const alice: Middleware = (ctx, next) => {
    ctx.state['user'] = { id: 'alice', name: 'Alice' };
    return next();
  };
  const router = new Router();
  router.get('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
  server.mount(router, { authenticateClient: clientAuthentication<RegisteredClient>({ server, methods: [none()] }) });
  const mcp = mcpResource({
    resource: MCP,
    authorizationServers: [ISSUER],
    scope: ['read'],
    verify: tokens.verify,
    now,
  });
  router.post('/mcp', mcp.bearer as Middleware, (ctx) => {
    ctx.body = { scope: ctx.state['token'].scope };
  });
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  app.use(mcp.metadata).use(session(app)).use(server.errorHandler()).use(router.routes());
  return { app, clock };
}

function house(setup: Setup = {}) {
  const { app, clock } = application(setup);
  const http = request(app.callback());
  const register = (redirect_uris: readonly string[], more: object = {}) =>
    http.post('/register').send({
      ...{ client_name: 'A host', redirect_uris, token_endpoint_auth_method: 'none' },
      grant_types: ['authorization_code', 'refresh_token'],
      ...more,
    });
  const registered = async (redirect_uris: readonly string[], more?: object): Promise<string> =>
    (await register(redirect_uris, more).expect(201)).body.client_id;
  const ask = (client_id: string, redirect_uri: string, more: Params = {}) =>
    http.get('/authorize').query(
      encode({
        ...{ response_type: 'code', client_id, redirect_uri, scope: 'read', resource: MCP, state: 's' },
        ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
        ...more,
      }),
    );
  const post = (params: Params) => http.post('/token').type('form').send(encode(params));
  const redeem = async (client_id: string, redirect_uri: string, code = '', more: Params = {}) =>
    post({
      ...{ grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier: VERIFIER },
      ...more,
    });
  const connect = async (client_id: string, redirect_uri: string, more?: Params) =>
    (await redeem(client_id, redirect_uri, redirected(await ask(client_id, redirect_uri, more))['code'])).body;
  const call = (token: string) => http.post('/mcp').auth(token, { type: 'bearer' });
  return { app, http, clock, register, registered, ask, post, redeem, connect, call };
}

const TWO = ['https://host.example/api/mcp/callback', 'https://host-app.example/api/mcp/callback'] as const;
const LOCALHOST = 'http://localhost/callback';
const OTHER_PORT = 'http://localhost:51234/callback';
const CURSOR = 'cursor://anysphere.cursor-mcp/oauth/callback';

describe('MCP hosts', () => {
  it('register at the endpoint of the metadata, and get tokens for the MCP server', async () => {
    const { http, registered, connect, call } = house();
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.registration_endpoint, `${ISSUER}/register`);
    const { access_token } = await connect(await registered([TWO[0]]), TWO[0]);
    await call(access_token).expect(200, { scope: ['read'] });
  });

  it('have two callback hosts for one client: each gets its own answers, and no third', async () => {
    const { registered, ask, redeem, connect, call } = house();
    const id = await registered(TWO);
    for (const uri of TWO) await call((await connect(id, uri)).access_token).expect(200);
    const answer = await ask(id, TWO[0]);
    assert.equal(new URL(answer.headers['location'] ?? '').host, 'host.example');
    const swapped = await redeem(id, TWO[1], redirected(answer)['code']);
    assert.deepEqual([swapped.status, swapped.body.error], [400, 'invalid_grant']);
    assert.equal((await ask(id, 'https://other.example/api/mcp/callback')).headers['location'], undefined);
  });

  it('have two clients for two callback hosts, and neither takes the codes of the other', async () => {
    const { registered, ask, redeem } = house();
    const [one, other] = [await registered([TWO[0]]), await registered([TWO[1]])];
    const { code } = redirected(await ask(one, TWO[0]));
    assert.equal((await redeem(other, TWO[0], code)).body.error, 'invalid_grant');
    assert.equal((await redeem(one, TWO[0], code)).status, 200);
  });

  it('listen at localhost on any port that is free: anyPortForLocalhost, at loopback addresses always', async () => {
    const strict = house();
    const one = await strict.registered([LOCALHOST]);
    assert.equal((await strict.ask(one, OTHER_PORT)).headers['location'], undefined);
    const literal = await strict.registered(['http://127.0.0.1/callback']);
    assert.ok(redirected(await strict.ask(literal, 'http://127.0.0.1:51234/callback'))['code']);
    const { registered, connect, ask } = house({ anyPortForLocalhost: true });
    const id = await registered([LOCALHOST]);
    assert.ok((await connect(id, OTHER_PORT)).access_token);
    for (const uri of ['http://localhost:51234/other', 'https://localhost:51234/callback', TWO[0]])
      assert.equal((await ask(id, uri)).headers['location'], undefined, uri);
  });

  it('have a scheme of their own: registered where it is named in schemes, and used where allowPrivateSchemes is said', async () => {
    assert.equal((await house().register([CURSOR])).body.error, 'invalid_redirect_uri');
    const registers = { schemes: ['cursor'] };
    const strict = house({ registers });
    const id = await strict.registered([CURSOR]);
    assert.equal(redirected(await strict.ask(id, CURSOR))['error'], 'invalid_request');
    const open = house({ registers, allowPrivateSchemes: true });
    const other = await open.registered([CURSOR]);
    await open.call((await open.connect(other, CURSOR)).access_token).expect(200);
  });

  it('leave resource out at the token endpoint, or everywhere: the token is for the MCP server', async () => {
    const { registered, ask, redeem, post, call } = house();
    const client_id = await registered([TWO[0]]);
    for (const resource of [MCP, undefined]) {
      const { code } = redirected(await ask(client_id, TWO[0], { resource }));
      const { body } = await redeem(client_id, TWO[0], code);
      await call(body.access_token).expect(200);
      const refreshed = await post({ grant_type: 'refresh_token', client_id, refresh_token: body.refresh_token });
      await call(refreshed.body.access_token).expect(200);
    }
  });

  it('ask for all scopes that are listed: what is there is granted, and no word of it stops the login', async () => {
    const { http, registered, connect, call } = house();
    const { body } = await http.get('/.well-known/oauth-authorization-server').expect(200);
    const scope = body.scopes_supported.join(' ');
    assert.equal(scope, 'read write offline_access');
    const client_id = await registered([TWO[0]], { scope });
    const { access_token, refresh_token } = await connect(client_id, TWO[0], { scope });
    assert.ok(refresh_token);
    const { body: seen } = await call(access_token).expect(200);
    for (const word of ['read', 'write']) assert.ok(seen.scope.includes(word), word);
  });

  it('refresh from two addresses at once: both get the same answer, and go on with it', async () => {
    const { app, registered, connect, clock } = house();
    const client_id = await registered([TWO[0]]);
    const { refresh_token } = await connect(client_id, TWO[0]);
    const http = createHTTPServer(app.callback());
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const refresh = (token: string, localAddress: string) =>
      refreshFrom(http, { client_id, refresh_token: token }, localAddress);
    const both = await Promise.all(['127.0.0.1', '127.0.0.2'].map((from) => refresh(refresh_token, from)));
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
    const [next, same] = both.map(({ body }) => body.refresh_token ?? '');
    assert.equal(next, same);
    const later = await Promise.all(['127.0.0.1', '127.0.0.2'].map((from) => refresh(next ?? '', from)));
    assert.deepEqual(
      later.map(({ status }) => status),
      [200, 200],
    );
    clock.now += 60;
    const replayed = await refresh(refresh_token, '127.0.0.2'); // of a thief, for all that is known
    assert.deepEqual([replayed.status, replayed.body.error], [400, 'invalid_grant']);
    assert.equal((await refresh(later[0]?.body.refresh_token ?? '', '127.0.0.1')).status, 400);
    http.close();
    http.closeAllConnections();
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly body: { readonly refresh_token?: string; readonly error?: string };
}

/** @param localAddress where the request comes from */
async function refreshFrom(http: Server, params: Params, localAddress: string): Promise<Answer> {
  const { port } = http.address() as AddressInfo;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ port, host: '127.0.0.1', localAddress, method: 'POST', path: '/token', headers, agent: false }, resolve)
      .on('error', reject)
      .end(encode({ grant_type: 'refresh_token', ...params }).toString());
  });
  return { status: response.statusCode, body: (await json(response)) as Answer['body'] };
}
