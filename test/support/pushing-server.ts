/** The authorization server of the tests with pushed requests, request objects and JWT responses, as a test wants them, and a clock to turn. */
import type { Middleware } from 'koa';
import {
  type AuthenticationEvent,
  exchange,
  grant,
  metadata,
  type Plug,
  pkce,
  type Server,
  type TransactionStore,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';
import { type AccessTokens, type KeySet, memoryStore, type TokenStore, tokenService } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  ISSUER,
  type Params,
  REQUEST,
  type Setup,
  type User,
} from './authorization-server.js';
import { basic, CONFIDENTIAL, client, PUBLIC, type Registered } from './client-auth.js';
import { encode } from './form.js';

/** 2026-01-01 */
const START = 1_767_225_600;

export const RIVAL = client('rival', { client_secret: 'the secret of the rival' });

export interface PushingSetup {
  readonly clients?: readonly Registered[];
  /** What is plugged in besides the code grant and PKCE; `endpoints` are mounted by their names. */
  readonly plugs: readonly Plug<App, User>[];
  readonly keys?: KeySet;
  readonly store?: TokenStore;
  readonly accessTokens?: AccessTokens;
  readonly immediate?: boolean;
  /** Further grants. */
  readonly plug?: (server: Server<App, User>) => void;
  readonly session?: Setup['session'];
  /** Default: in the session. */
  readonly transactions?: TransactionStore;
  readonly authorization?: Setup['authorization'];
  readonly decision?: Setup['decision'];
  /** Default: the issuer. */
  readonly name?: string;
  /** How and when users logged in. */
  readonly login?: (user: User) => AuthenticationEvent | undefined;
}

export function pushingServer(setup: PushingSetup) {
  const { clients = [CONFIDENTIAL, PUBLIC, RIVAL], keys, plugs } = setup;
  const clock = { now: START };
  const now = () => clock.now;
  const store = setup.store ?? memoryStore();
  const tokens = tokenService<App, User>({
    store,
    now,
    ...(setup.accessTokens && { accessTokens: setup.accessTokens }),
  });
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const methods = [clientSecretBasic<Registered>(), none<Registered>()];
  const authenticate = clientAuthentication<Registered>({ find, methods }) as Middleware;
  const options = {
    issuer: ISSUER,
    clients: { find },
    tokens,
    now,
    ...(keys && { keys }),
    ...(setup.name && { name: setup.name }),
    ...(setup.transactions && { transactions: setup.transactions }),
    ...(setup.login && { authenticationEvent: setup.login }),
  };
  const made = authorizationServer({
    clients,
    options,
    ...(setup.session !== undefined && { session: setup.session }),
    plug(server) {
      server
        .grant(grant.code(tokens.code))
        .grant(grant.token(tokens.token))
        .exchange(exchange.code(tokens.code))
        .extend(pkce());
      setup.plug?.(server);
      for (const one of plugs) server.extend(one);
    },
    ...(setup.authorization && { authorization: setup.authorization }),
    ...(setup.decision && { decision: setup.decision }),
    ...(setup.immediate && { authorization: (server) => server.authorization({ immediate: () => true }) }),
    authenticate: () => authenticate,
    resume: (server) => server.resume(() => false),
    routes(router, server) {
      if (server.core.routes.has('pushed_authorization_request'))
        router.all('/par', authenticate, server.route('pushed_authorization_request'));
      router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    },
  });
  const callback = made.app.callback();
  const post = (path: string, params: Params, by: Registered): Test => {
    const sent = request(callback).post(path).type('form');
    const { client_secret: secret } = by;
    return secret === undefined
      ? sent.send(encode({ client_id: by.client_id, ...params }))
      : sent.set(basic(by.client_id, secret)).send(encode(params));
  };
  const push = (params: Params = {}, by: Registered = CONFIDENTIAL): Test =>
    post('/par', { ...REQUEST, client_id: by.client_id, ...params }, by);
  return {
    ...made,
    clock,
    store,
    tokens,
    post,
    push,
    /** A good request, pushed: its URI. */
    uriOf: async (params: Params = {}, by: Registered = CONFIDENTIAL): Promise<string> =>
      (await push(params, by).expect(201)).body.request_uri,
    /** A browser whose requests have only what is said. */
    visitor(user = 'alice') {
      const { agent, decide } = browser(made.app, user);
      const open = (params: Params): Test => agent.get('/authorize').set('X-User', user).query(encode(params));
      return { agent, decide, open };
    },
    metadata: async () => (await request(callback).get('/.well-known/oauth-authorization-server').expect(200)).body,
  };
}
