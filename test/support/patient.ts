/** Small servers for the doctor: a sound one, of which a test changes what it is about. */
import { createServer as createHTTP } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  createServer,
  exchange,
  grant,
  introspection,
  metadata,
  pkce,
  revocation,
  type Server,
  scopes,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  generateClientSecret,
  hashClientSecret,
} from 'koauthorize/client-auth';
import type { DiagnosisTarget, ExaminedSession } from 'koauthorize/doctor';
import { type TokenService, type TokenServiceOptions, type TokenStore, tokenService } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';

export interface App {
  readonly client_id: string;
  readonly redirect_uris?: readonly string[];
  readonly grant_types?: readonly string[];
  readonly scope?: string;
  readonly client_secret?: string;
  readonly client_secret_hash?: string;
  readonly token_endpoint_auth_method?: string;
}

export const WEB: App = {
  client_id: 'web',
  redirect_uris: ['https://web.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'read write',
  client_secret_hash: hashClientSecret(generateClientSecret()),
};

type Parts = {
  readonly app: Koa;
  readonly server: Server<App, { id: string }>;
  readonly tokens: TokenService<App, { id: string }>;
  readonly router: Router;
  readonly session: Middleware;
};

export interface Ailment {
  readonly issuer?: string | undefined;
  readonly options?: object;
  readonly proxy?: boolean;
  readonly keys?: string[];
  readonly clients?: readonly App[];
  readonly session?: ExaminedSession;
  readonly tokens?: Partial<TokenServiceOptions<App, { id: string }>>;
  readonly store?: TokenStore;
  /** The methods by which clients authenticate. */
  readonly methods?: Parameters<typeof clientAuthentication<App>>[0]['methods'];
  /** Extensions and grants in place of the usual ones: PKCE, scopes, revocation, introspection, metadata. */
  readonly plug?: (server: Parts['server'], tokens: Parts['tokens']) => unknown;
  /** Puts the middleware into the application. */
  readonly wire?: (parts: Parts) => unknown;
  /** Routes that the router has before those of the server. */
  readonly routes?: (router: Router, server: Parts['server'], tokens: Parts['tokens']) => unknown;
  /** Whether the endpoints for programs are mounted. Default: yes. */
  readonly mount?: boolean;
}

/** Sessions in memory: the cookie has their key. */
export function sessionsInMemory() {
  const kept = new Map<string, object>();
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: object) => void kept.set(key, value),
    destroy: async (key: string) => void kept.delete(key),
  };
}

export const usual = (server: Parts['server'], tokens: Parts['tokens']): unknown =>
  server
    .extend(pkce())
    .extend(scopes(['read', 'write']))
    .extend(revocation(tokens.revoke))
    .extend(introspection(tokens.introspect))
    .extend(metadata());

const inOrder = ({ app, server, router, session }: Parts): unknown =>
  app.use(session).use(server.errorHandler()).use(router.routes());

/** Everything that the doctor can be given. */
export function patientWith(ailment: Ailment = {}): Required<Omit<DiagnosisTarget, 'url'>> {
  const { clients = [WEB], proxy = true, plug = usual, wire = inOrder, mount = true } = ailment;
  const issuer = 'issuer' in ailment ? ailment.issuer : 'https://as.example';
  const store = ailment.store ?? memoryStore();
  const tokens = tokenService<App, { id: string }>({ store, ...ailment.tokens });
  const found = new Map(clients.map((client) => [client.client_id, client]));
  const server = createServer<App, { id: string }>({
    ...(issuer !== undefined && { issuer }),
    clients: { find: (id) => found.get(id) },
    tokens,
    ...ailment.options,
  });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken));
  const authenticateClient = clientAuthentication<App>({ server, methods: ailment.methods ?? [clientSecretBasic()] });
  plug(server, tokens);
  const app = new Koa();
  app.proxy = proxy;
  app.keys = ailment.keys ?? ['only a test signs its cookies with this'];
  const sessionOptions = ailment.session ?? { key: 'session', sameSite: 'lax', store: sessionsInMemory() };
  const router = new Router();
  ailment.routes?.(router, server, tokens);
  router.get('/authorize', server.authorization(), (ctx) => {
    ctx.body = 'Allow?';
  });
  router.post('/authorize/decision', server.decision());
  if (mount) server.mount(router, { authenticateClient });
  wire({ app, server, tokens, router, session: session(sessionOptions as object, app) });
  return { server, app, clients, store, sessionOptions };
}

/** A server that is not ours: a document, and handlers by path. */
export async function foreignServer(
  document: (url: string) => object,
  answers: Readonly<
    Record<string, { readonly status?: number; readonly headers?: object; readonly body?: unknown }>
  > = {},
) {
  const http = createHTTP((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    const isMetadata = pathname === '/.well-known/oauth-authorization-server';
    const usual = { status: 400, headers: {}, body: { error: 'invalid_request' } };
    const { status = 200, headers = {}, body } = isMetadata ? { body: document(url) } : (answers[pathname] ?? usual);
    req.resume();
    res.writeHead(Number(req.headers['content-length'] ?? 0) > 1_000_000 ? 413 : status, {
      'Content-Type': 'application/json',
      ...headers,
    });
    res.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    stop: () => {
      http.closeAllConnections();
      return new Promise<unknown>((resolve) => http.close(resolve));
    },
  };
}

/** The metadata of a sound foreign server. */
export const soundMetadata = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  revocation_endpoint: `${url}/revoke`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
});
