/** An authorization server at which clients register themselves, its endpoints, a clock to turn, and a browser whose user is alice. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  type ClientRegistrationOptions,
  clientRegistration,
  createServer,
  exchange,
  grant,
  metadata,
  type Plug,
  pkce,
  type RegisteredClient,
  registeredClients,
  type ServerOptions,
} from 'koauthorize';
import {
  type ClientAuthMethod,
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
} from 'koauthorize/client-auth';
import { type TokenStore, tokenService } from 'koauthorize/tokens';
import request, { type Response, type Test } from 'supertest';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { CALLBACK, CHALLENGE, ISSUER, redirected, type User, VERIFIER } from './authorization-server.js';

/** 2026-01-01 */
const START = 1_767_225_600;

/** A registration that is in order. */
export const WEB = { redirect_uris: [CALLBACK] };
export const TOKEN = 'an-initial-access-token';

export interface RegistrationSetup {
  readonly registration?: Partial<ClientRegistrationOptions>;
  /** Before the registration. */
  readonly plugs?: readonly Plug<RegisteredClient, User>[];
  readonly methods?: readonly ClientAuthMethod<RegisteredClient>[];
  readonly options?: Partial<ServerOptions<RegisteredClient, User>>;
  readonly store?: TokenStore;
  /** Epoch seconds. Default: a clock that stands still. */
  readonly now?: () => number;
  readonly before?: Middleware;
}

/** What a client was told of itself. */
export type Information = Readonly<Record<string, unknown>> & {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly registration_client_uri: string;
  readonly registration_access_token: string;
};

export function registrationServer(setup: RegistrationSetup = {}) {
  const clock = { now: START };
  const now = setup.now ?? (() => clock.now);
  const store = setup.store ?? memoryStore();
  const clients = setup.registration?.clients ?? registeredClients(store, { now });
  const tokens = tokenService<RegisteredClient, User>({ store });
  const errors: Error[] = [];
  const server = createServer<RegisteredClient, User>({ issuer: ISSUER, tokens, now, ...setup.options });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce());
  for (const plug of setup.plugs ?? []) server.extend(plug);
  const who = setup.registration?.initialAccess || setup.registration?.softwareStatements ? {} : { allowAnyone: true };
  server.extend(clientRegistration({ clients, ...who, ...setup.registration }));
  const methods = setup.methods ?? [clientSecretBasic({ now }), clientSecretPost({ now }), none()];
  const authenticateClient = clientAuthentication<RegisteredClient>({ server, methods });

  const router = new Router();
  const login: Middleware = (ctx, next) => {
    ctx.state['user'] = { id: 'alice', name: 'Alice' };
    return next();
  };
  router.get('/authorize', login, server.authorization({ immediate: () => true }) as Middleware);
  server.extend(metadata());
  server.mount(router, { authenticateClient });
  const app = new Koa();
  app.keys = ['for tests'];
  app.on('error', (error) => errors.push(error));
  if (setup.before) app.use(setup.before);
  app.use(session(app)).use(server.errorHandler()).use(router.routes());
  const http = () => request(app.callback());

  const bearing = (test: Test, token: string | undefined): Test =>
    token ? test.auth(token, { type: 'bearer' }) : test;
  /** A request to register. */
  const register = (sent: object = WEB, token?: string): Test =>
    bearing(http().post('/register').set('Content-Type', 'application/json'), token).send(JSON.stringify(sent));
  /** A client that has registered. */
  const registered = async (sent: object = WEB, token?: string): Promise<Information> => {
    const answer = await register(sent, token);
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
    return answer.body;
  };
  /** A request to the URL that a client was given, by its token unless another one is named. */
  const manage = (
    method: 'get' | 'put' | 'delete',
    of: Information,
    sent?: object,
    token = of.registration_access_token,
  ) => {
    const { pathname, search } = new URL(of.registration_client_uri);
    const test = bearing(http()[method](pathname + search), token);
    return sent ? test.set('Content-Type', 'application/json').send(JSON.stringify(sent)) : test;
  };
  /** A code for a client. */
  const codeFor = async (client_id: string, more: Record<string, string> = {}): Promise<Record<string, string>> =>
    redirected(
      await http()
        .get('/authorize')
        .query({ response_type: 'code', client_id, code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more }),
    );
  const post = (path: string, params: object, { client_id, client_secret }: Information): Test => {
    const test = http().post(path).type('form');
    return client_secret === undefined
      ? test.send({ ...params, client_id })
      : test.auth(client_id, client_secret).send(params);
  };
  /** From the code to the tokens. */
  const connect = async (of: Information): Promise<Response> => {
    const { code } = await codeFor(of.client_id);
    return post('/token', { grant_type: 'authorization_code', code, code_verifier: VERIFIER }, of);
  };
  return {
    app,
    server,
    tokens,
    store,
    clients,
    clock,
    errors,
    http,
    register,
    registered,
    manage,
    codeFor,
    post,
    connect,
  };
}

export type RegistrationServer = ReturnType<typeof registrationServer>;
