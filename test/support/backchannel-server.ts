/** An OpenID Provider for CIBA. Its users are asked by a list, and are logged in by `X-User`. */
import type { Middleware } from 'koa';
import {
  type AuthenticationEvent,
  type BackchannelAuthenticationOptions,
  type BackchannelDecision,
  type BackchannelRequest,
  backchannelAuthentication,
  type OpenIDOptions,
  openid,
} from 'koauthorize';
import { type KeySet, keySet, memoryStore } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import {
  type App,
  authenticateClient,
  CLIENT,
  ISSUER,
  OTHER,
  type Params,
  tokenRequest,
  type User,
} from './authorization-server.js';
import { encode } from './form.js';
import { type Registered, rsaKey } from './openid-server.js';
import { type PluggedSetup, pluggedServer } from './plugged-server.js';

export const CIBA = 'urn:openid:params:grant-type:ciba';

export const POLLING: Registered = { ...CLIENT, backchannel_token_delivery_mode: 'poll' };
export const ANOTHER: Registered = { ...OTHER, backchannel_token_delivery_mode: 'poll' };
export const NOTIFIED = 'https://client.example/notified';
export const PINGED: Registered = {
  ...CLIENT,
  backchannel_token_delivery_mode: 'ping',
  backchannel_client_notification_endpoint: NOTIFIED,
};

export type CIBAOptions = Partial<BackchannelAuthenticationOptions<App, User>>;

export interface BackchannelSetup extends Omit<PluggedSetup, 'clients'> {
  readonly clients?: readonly Registered[];
  readonly ciba?: CIBAOptions;
  readonly openid?: OpenIDOptions<App, User>;
  /** How and when every user has logged in. */
  readonly login?: AuthenticationEvent;
  /** Default: one key for RS256. */
  readonly keys?: KeySet;
}

let made: Promise<KeySet> | undefined;

export async function cibaKeys(): Promise<KeySet> {
  made ??= rsaKey().then((signing) => keySet({ signing }));
  return made;
}

export function userNamed(id: string): User {
  return { id, name: `User ${id}` };
}

export async function backchannelServer({
  ciba: options,
  plugs = [],
  openid: provider,
  login: event,
  ...setup
}: BackchannelSetup = {}) {
  const clients = setup.clients ?? [POLLING, ANOTHER];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  /** What users were asked. */
  const asked: BackchannelRequest<App, User>[] = [];
  const ciba = backchannelAuthentication<App, User>({
    findUser: ({ loginHint, sub }) => userNamed(loginHint ?? sub ?? 'nobody'),
    ask: (_ctx, one) => asked.push(one),
    ...options,
  });
  const store = setup.store ?? memoryStore();
  const keys = setup.keys ?? (await cibaKeys());
  const made = pluggedServer({
    ...setup,
    store,
    clients,
    plugs: [openid<App, User>(provider), ...plugs, ciba],
    options: {
      issuer: ISSUER,
      clients: { find },
      keys,
      ...(event && { authenticationEvent: () => event }),
      ...setup.options,
    },
    routes(router, server) {
      const page: Middleware = (ctx) => {
        ctx.body = ctx.state['backchannel'];
      };
      const authenticate = authenticateClient(clients);
      const login: Middleware = (ctx, next) => {
        const id = ctx.get('X-User');
        if (id) ctx.state['user'] = userNamed(id);
        return next();
      };
      router.post(
        '/backchannel_authentication',
        authenticate,
        server.route('backchannel_authentication') as Middleware,
      );
      router.get('/backchannel', login, server.route('backchannel_dialog') as Middleware, page);
      router.post('/backchannel/decision', login, server.route('backchannel_decision') as Middleware, page);
      router.post('/app/decide/:id', async (ctx) => {
        const { user, ...decision } = JSON.parse(ctx.get('X-Decision')) as { user: string } & object;
        const decided = { ...decision, user: userNamed(user) } as BackchannelDecision<User>;
        ctx.body = { became: await ciba.decide(ctx, String(ctx.params['id']), decided) };
      });
      setup.routes?.(router, server);
    },
  });
  const callback = made.app.callback();
  const begin = (params: Params = {}, client: App = CLIENT): Test =>
    request(callback)
      .post('/backchannel_authentication')
      .auth(client.client_id, `${client.client_id}-secret`)
      .type('form')
      .send(encode({ scope: 'openid read', login_hint: 'alice', ...params }));
  const poll = (authReqID: string, client: App = CLIENT, more: object = {}): Test =>
    tokenRequest(made.app, { grant_type: CIBA, auth_req_id: authReqID, ...more }, client);
  /** The app on the user's telephone, whose API has authenticated the user. */
  const decide = (id: string, decision: object = {}): Test =>
    request(callback)
      .post(`/app/decide/${encodeURIComponent(id)}`)
      .set('X-Decision', JSON.stringify({ user: 'alice', allow: true, ...decision }));
  /** The browser of a user. */
  const person = (user: string | undefined = 'alice') => {
    const agent = request.agent(callback);
    const as = (test: Test, by = user): Test => (by === undefined ? test : test.set('X-User', by));
    return {
      open: (id: string): Test => as(agent.get('/backchannel').query({ id })),
      /** @param by who is logged in in this browser by now */
      answer: (dialog_id: string, more: Params = {}, by = user): Test =>
        as(
          agent
            .post('/backchannel/decision')
            .type('form')
            .send(encode({ dialog_id, ...more })),
          by,
        ),
    };
  };
  return { ...made, store, ciba, asked, begin, poll, decide, person };
}

/** A request that waits, and what came of it. */
export async function waiting(setup: BackchannelSetup = {}, params: Params = {}) {
  const server = await backchannelServer(setup);
  const { body } = await server.begin(params).expect(200);
  const authReqID: string = body.auth_req_id;
  const id = server.asked[0]?.id ?? '';
  /** A poll, after as long as the client has to wait. */
  const later = (more: object = {}) => {
    server.clock.now += 5;
    return server.poll(authReqID, CLIENT, more);
  };
  return { ...server, body, authReqID, id, later };
}

/** The status and the error of an answer. */
export async function errorOf(response: PromiseLike<{ status: number; body: { error?: string } }>) {
  const { status, body } = await response;
  return [status, body.error];
}
