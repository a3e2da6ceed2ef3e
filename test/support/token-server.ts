/** The authorization server of the tests with the token service in every slot, its endpoints, and a clock to turn. */
import type { Middleware } from 'koa';
import {
  exchange,
  grant,
  type IntrospectionOptions,
  introspection,
  issuer,
  jwks,
  metadata,
  type PKCEOptions,
  pkce,
  revocation,
  type Server,
} from 'koauthorize';
import {
  type KeySet,
  type TokenEvent,
  type TokenEvents,
  type TokenServiceOptions,
  tokenService,
} from 'koauthorize/tokens';
import request from 'supertest';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import {
  type App,
  authenticateClient,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  ISSUER,
  OTHER,
  type Params,
  tokenRequest,
  type User,
} from './authorization-server.js';

/** A client as it is registered, with what the service reads of it. */
export interface Registered extends App {
  readonly scope?: string;
  readonly grant_types?: readonly string[];
}

/** An API, which may know of every access token. */
export const API: Registered = { client_id: 'api', client_name: 'An API', redirect_uris: [] };
/** A client that acts for itself. */
export const WORKER: Registered = {
  client_id: 'worker',
  client_name: 'A job',
  redirect_uris: [],
  scope: 'jobs mail',
  grant_types: ['client_credentials'],
};

/** 2026-01-01; a turn of `clock.now` is a turn of all that the service sees. */
const START = 1_767_225_600;

export const EVENTS = [
  'issued',
  'refreshed',
  'denied',
  'replayDetected',
  'familyRevoked',
  'introspected',
  'revoked',
] as const satisfies readonly (keyof TokenEvents)[];

export interface TokenSetup {
  readonly tokens?: Partial<TokenServiceOptions<App, User>>;
  readonly clients?: readonly Registered[];
  readonly keys?: KeySet;
  readonly introspection?: IntrospectionOptions<App>;
  readonly pkce?: PKCEOptions<App>;
  readonly plug?: (server: Server<App, User>) => void;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope?: string;
}

export function tokenServer(setup: TokenSetup = {}) {
  const clock = { now: START };
  const store = setup.tokens?.store ?? memoryStore();
  const tokens = tokenService<App, User>({ now: () => clock.now, ...setup.tokens, store });
  const events: { readonly name: string; readonly event: Readonly<Record<string, unknown>> }[] = [];
  for (const name of EVENTS) tokens.events.on(name, (event: TokenEvent) => events.push({ name, event: { ...event } }));

  const clients = setup.clients ?? [CLIENT, OTHER, API, WORKER];
  const authenticate: Middleware = authenticateClient(clients);
  const { app, errors, server } = authorizationServer({
    clients,
    plug(server) {
      server
        .grant(grant.code(tokens.code))
        .grant(grant.token(tokens.token))
        .exchange(exchange.code(tokens.code))
        .exchange(exchange.refreshToken(tokens.refreshToken))
        .exchange(exchange.clientCredentials(tokens.clientCredentials))
        .exchange(exchange.password(tokens.password))
        .extend(pkce(setup.pkce))
        .extend(issuer(ISSUER));
      setup.plug?.(server);
    },
    routes(router, server) {
      const resourceServer = ({ client_id }: App) => client_id === API.client_id;
      const options = { resourceServer, ...setup.introspection };
      router.all('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, options)));
      router.all('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));
      if (setup.keys) router.get('/jwks', server.endpoint(jwks(setup.keys)));
      router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata({ token_endpoint: '/token' })));
    },
  });

  const post = (path: string, params: object, client: App) =>
    request(app.callback()).post(path).auth(client.client_id, `${client.client_id}-secret`).type('form').send(params);
  const authorize = async (params: Params = {}, user = 'alice'): Promise<string> => {
    const { code = '' } = await browser(app, user).allow(params);
    return code;
  };
  const redeem = (code: string, more: object = {}, client: App = CLIENT) => exchangeCode(app, code, more, client);
  return {
    app,
    server,
    tokens,
    store,
    clock,
    events,
    /** What the operator saw. */
    errors,
    authorize,
    redeem,
    request: (params: object, client: App = CLIENT) => tokenRequest(app, params, client),
    /** From the dialog to the tokens. */
    connect: async (params: Params = {}, user = 'alice'): Promise<Tokens> =>
      (await redeem(await authorize(params, user)).expect(200)).body,
    refresh: (token: string, more: object = {}, client: App = CLIENT) =>
      tokenRequest(app, { grant_type: 'refresh_token', refresh_token: token, ...more }, client),
    introspect: (token: string, client: App = CLIENT, more: object = {}) =>
      post('/introspect', { token, ...more }, client),
    /** Whether a token of this client counts, as introspection tells it. */
    isActive: async (token: string, client: App = CLIENT): Promise<boolean> =>
      (await post('/introspect', { token }, client).expect(200)).body.active,
    revoke: (token: string, client: App = CLIENT, more: object = {}) => post('/revoke', { token, ...more }, client),
    post,
  };
}

export type TokenServer = ReturnType<typeof tokenServer>;
