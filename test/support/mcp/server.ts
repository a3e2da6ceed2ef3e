/** An MCP server and its authorization server, by hand: sound, unless a check is to fail. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context } from 'koa';
import type { MCPTarget, Visitor } from 'koauthorize/testing';
import { signingKey } from '../weak/clients.js';
import { api } from './api.js';
import { authorize, decide, logIn, longer, OTHER_RESOURCE, showLogin } from './authorize.js';
import { register } from './clients.js';
import { documentPlace } from './document-place.js';
import { keys, openidMetadata, resourceMetadata, serverMetadata } from './metadata.js';
import { type Endpoint, Refusal, type State } from './nouns.js';
import { revoke, token } from './token.js';

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/mcp', api],
  ['/.well-known/oauth-protected-resource/mcp', resourceMetadata],
  ['/.well-known/oauth-authorization-server', serverMetadata],
  ['/.well-known/openid-configuration', openidMetadata],
  ['/jwks', keys],
  ['/authorize', authorize],
  ['/decision', decide],
  ['/login', (ctx, state) => (ctx.method === 'POST' ? logIn(ctx, state) : showLogin(ctx, state))],
  ['/token', token],
  ['/revoke', revoke],
  ['/register', register],
]);

/** Paths where there is nothing, for a flaw. */
const MISSING: Readonly<Record<string, readonly string[]>> = {
  metadata: ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
  'resource-metadata': ['/.well-known/oauth-protected-resource/mcp'],
  'resource-metadata-well-known': ['/.well-known/oauth-protected-resource/mcp'],
  'discovery-mechanism': ['/.well-known/oauth-protected-resource/mcp'],
};

/** Where it is instead. */
const MOVED: Readonly<Record<string, string>> = {
  'resource-metadata-well-known': '/.well-known/oauth-protected-resource',
};

function endpointAt(path: string, { weak }: State): Endpoint | undefined {
  if (Object.keys(MISSING).some((name) => weak(name) && MISSING[name]?.includes(path))) return undefined;
  if (Object.keys(MOVED).some((name) => weak(name) && MOVED[name] === path)) return resourceMetadata;
  return ENDPOINTS.get(path);
}

async function run(ctx: Context, state: State): Promise<void> {
  try {
    await endpointAt(ctx.path, state)?.(ctx, state);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.code };
    if (state.weak('errors-json')) ctx.type = 'text';
  }
}

export interface RunningMCP {
  readonly target: MCPTarget;
  stop(): Promise<void>;
}

function targetOf(state: State): MCPTarget {
  const logInAs = (user: string) => async (visitor: Visitor) =>
    visitor.submit(await visitor.get(`${state.issuer}/login`), { user });
  return {
    resource: state.resource,
    issuer: state.weak('issuer-url') ? undefined : state.issuer,
    documents: state.documents,
    otherResource: [OTHER_RESOURCE, longer(state.resource)],
    stepUp: {
      scope: 'files:read',
      request: { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'write' } }) },
    },
    login: logInAs('alice'),
    loginOther: logInAs('mallory'),
    wait(seconds) {
      state.turned += seconds;
    },
  };
}

/** @param flaws names of checks that are to fail */
export async function startMCP(flaws: readonly string[] = []): Promise<RunningMCP> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const state: State = {
    issuer,
    resource: `${issuer}/mcp`,
    key: signingKey('exam'),
    weak: (name) => flaws.includes(name),
    clients: new Map(),
    sessions: new Map(),
    dialogs: new Map(),
    kept: new Map(),
    documents: documentPlace(),
    copies: new Map(),
    mcpSessions: new Map(),
    turned: 0,
  };
  const app = new Koa();
  app.silent = true;
  app.use((ctx) => run(ctx, state));
  http.on('request', app.callback());
  return {
    target: targetOf(state),
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
