/** An authorization server for devices. Its users are logged in by `X-User`. */
import type { Middleware } from 'koa';
import { type DeviceAuthorizationOptions, deviceAuthorization } from 'koauthorize';
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
import { type PluggedSetup, pluggedServer } from './plugged-server.js';

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

export interface DeviceSetup extends PluggedSetup {
  readonly device?: DeviceAuthorizationOptions<App, User>;
  /** Draws the pages. Default: what the page is told, as JSON. */
  readonly page?: Middleware | undefined;
}

export function deviceServer({ device, page, plugs = [], ...setup }: DeviceSetup = {}) {
  const clients = setup.clients ?? [CLIENT, OTHER];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const made = pluggedServer({
    ...setup,
    clients,
    plugs: [...plugs, deviceAuthorization<App, User>(device)],
    options: { issuer: ISSUER, clients: { find }, ...setup.options },
    routes(router, server) {
      const shown: Middleware = (ctx) => {
        ctx.body = ctx.state['device'];
      };
      const authenticate = authenticateClient(clients);
      const login: Middleware = (ctx, next) => {
        const id = ctx.get('X-User');
        if (id) ctx.state['user'] = { id, name: `User ${id}` };
        return next();
      };
      router.post('/device_authorization', authenticate, server.route('device_authorization') as Middleware);
      router.all('/device', login, server.route('device_verification') as Middleware, page ?? shown);
      router.all('/device/decision', login, server.route('device_decision') as Middleware, page ?? shown);
      setup.routes?.(router, server);
    },
  });
  const callback = made.app.callback();
  const begin = (params: Params = {}, client: App = CLIENT): Test =>
    request(callback)
      .post('/device_authorization')
      .auth(client.client_id, `${client.client_id}-secret`)
      .set('User-Agent', 'A television')
      .type('form')
      .send(encode({ scope: 'read write', ...params }));
  const poll = (deviceCode: string, client: App = CLIENT, more: object = {}): Test =>
    tokenRequest(made.app, { grant_type: DEVICE_CODE, device_code: deviceCode, ...more }, client);
  /** The browser of a user. */
  const person = (user: string | undefined = 'alice') => {
    const agent = request.agent(callback);
    const as = (test: Test, by = user): Test => (by === undefined ? test : test.set('X-User', by));
    return {
      open: (query: Params = {}): Test => as(agent.get('/device').query(encode(query))),
      type: (user_code: string): Test => as(agent.post('/device').type('form').send(encode({ user_code }))),
      /** @param by who is logged in in this browser by now */
      decide: (device_id: string, more: Params = {}, by = user): Test =>
        as(
          agent
            .post('/device/decision')
            .type('form')
            .send(encode({ device_id, ...more })),
          by,
        ),
    };
  };
  return { ...made, begin, poll, person };
}
