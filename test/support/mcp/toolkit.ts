/** An MCP server and its authorization server, built with the toolkit. */
import { createServer as createHTTPServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import session from 'koa-session';
import {
  type ClientIDMetadataOptions,
  clientFacts,
  clientIDMetadata,
  clientRegistration,
  createServer,
  type DocumentedClient,
  exchange,
  grant,
  issuer as issuerParameter,
  metadata,
  type OAuth2State,
  pkce,
  type RegisteredClient,
  registeredClients,
  resourceIndicators,
  revocation,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';
import { bearer, protectedResource, requireScope } from 'koauthorize/resource-server';
import type { MCPTarget, Visitor } from 'koauthorize/testing';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import { longer, OTHER_RESOURCE } from './authorize.js';
import { type DocumentPlace, documentPlace } from './document-place.js';
import type { RunningMCP } from './server.js';

interface User {
  readonly id: string;
}

type DocumentOptions = ClientIDMetadataOptions<RegisteredClient>;

const FIRST = 'files:read';
const SECOND = 'files:write';
/** Seconds, as by default. */
const GRACE = 10;

/** Tells a client nothing of a place but what was published there. */
function fetchFrom(documents: DocumentPlace) {
  return async (url: string): Promise<Response> => {
    const { status = 200, headers = {}, body } = documents.read(url);
    return new Response(body, { status, headers });
  };
}

/** MCP asks more than the draft: a document without client_name is none. */
export const named = (client: DocumentedClient): RegisteredClient | undefined =>
  client.client_name === undefined ? undefined : (client as RegisteredClient);

function authorizationServer(
  url: string,
  resource: string,
  clock: { now: number },
  documents: DocumentPlace,
  more: DocumentOptions,
) {
  const store = memoryStore();
  const now = () => clock.now;
  const tokens = tokenService<RegisteredClient, User>({ store, now });
  const server = createServer<RegisteredClient, User>({ issuer: url, tokens, now });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce())
    .extend(issuerParameter(url))
    .extend(
      resourceIndicators({
        resources: { [resource]: { scopes: [FIRST, SECOND] }, [OTHER_RESOURCE]: {}, [longer(resource)]: {} },
      }),
    )
    .extend(clientIDMetadata({ fetch: fetchFrom(documents), ...more }))
    .extend(clientRegistration({ clients: registeredClients(store), allowAnyone: true }))
    .extend(revocation(tokens.revoke))
    .extend(metadata({ scopes_supported: [FIRST, SECOND] }));
  return { server, tokens };
}

const escapeHTML = (text: string): string => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

const showLogin = (ctx: Context): void => {
  ctx.type = 'html';
  ctx.body = '<form method="post" action="/login"><input name="user"><button>Log in</button></form>';
};

const requireUser: Middleware = async (ctx, next) => {
  const { user } = ctx['session'] ?? {};
  if (user === undefined) return showLogin(ctx as Context);
  ctx.state['user'] = { id: user };
  return next();
};

function dialog(ctx: Context): void {
  const { transactionID } = ctx.state['oauth2'];
  const { clientHost, redirectHost } = clientFacts(ctx.state['oauth2']);
  ctx.set('Content-Security-Policy', "frame-ancestors 'none'");
  ctx.type = 'html';
  ctx.body =
    `<p>${escapeHTML(`${clientHost} asks; the answer goes to ${redirectHost}`)}</p><form method="post" action="/decision">` +
    `<input type="hidden" name="transaction_id" value="${transactionID}"><button>Allow</button>` +
    '<button name="cancel" value="yes">Deny</button></form>';
}

async function logIn(ctx: Context): Promise<void> {
  let text = '';
  for await (const chunk of ctx.req) text += chunk;
  Object.assign(ctx['session'] ?? {}, { user: new URLSearchParams(text).get('user') });
  ctx.body = 'Welcome';
}

function application(url: string, clock: { now: number }, documents: DocumentPlace, more: DocumentOptions): Koa {
  const resource = `${url}/mcp`;
  const { server, tokens } = authorizationServer(url, resource, clock, documents, more);
  const authenticateClient = clientAuthentication<RegisteredClient>({ server, methods: [none(), clientSecretBasic()] });
  const router = new Router<OAuth2State<RegisteredClient, User>>();
  router.get('/login', (ctx) => showLogin(ctx as unknown as Context));
  router.post('/login', (ctx) => logIn(ctx as unknown as Context));
  router.get('/authorize', requireUser, server.authorization(), (ctx) => dialog(ctx as unknown as Context));
  router.post('/decision', requireUser, server.decision());
  server.mount(router, { authenticateClient });
  const described = protectedResource({ resource, authorization_servers: [url], scopes_supported: [FIRST] });
  const guarded = bearer({
    verify: tokens.verify,
    audience: resource,
    resource: described,
    scope: [FIRST],
    now: () => clock.now,
  });
  const answer: Middleware = (ctx) => {
    ctx.body = { jsonrpc: '2.0', id: 1, result: {} };
  };
  router.all('/mcp', guarded as Middleware, answer);
  router.all('/mcp/write', guarded as Middleware, requireScope(SECOND), answer);
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  return app
    .use(session({ sameSite: 'lax' }, app))
    .use(described)
    .use(server.errorHandler())
    .use(router.routes());
}

/** @param more what an application says of documents, beside the defaults */
export async function startToolkit(more: DocumentOptions = {}): Promise<RunningMCP> {
  const http = createHTTPServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const [clock, documents] = [{ now: Math.floor(Date.now() / 1000) }, documentPlace()];
  http.on('request', application(url, clock, documents, more).callback());
  const logInAs = (user: string) => async (visitor: Visitor) =>
    visitor.submit(await visitor.get(`${url}/login`), { user });
  const target: MCPTarget = {
    resource: `${url}/mcp`,
    documents,
    otherResource: [OTHER_RESOURCE, longer(`${url}/mcp`)],
    stepUp: { scope: FIRST, request: { url: `${url}/mcp/write` } },
    login: logInAs('alice'),
    loginOther: logInAs('mallory'),
    grace: GRACE,
    wait(seconds) {
      clock.now += seconds;
    },
  };
  return {
    target,
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
