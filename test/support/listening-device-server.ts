/** An authorization server for devices that listens, and whose user is alice; and her, who allows what a device asks. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, deviceAuthorization, exchange, grant, jwks, metadata, openid, pkce } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import type { User } from './authorization-server.js';
import type { Registered } from './client-auth.js';
import { serve } from './interop-server.js';
import { rsaKeys } from './openid-server.js';

/** @param before what the application does with requests of devices, before the toolkit */
export async function startDeviceServer(
  clients: readonly Registered[],
  before: Middleware = (_ctx, next) => next(),
): Promise<string> {
  const keys = await rsaKeys();
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  return serve((issuer) => {
    const tokens = tokenService<Registered, User>({ store: memoryStore() });
    const server = createServer<Registered, User>({ issuer, clients: { find }, tokens, keys });
    server
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .extend(deviceAuthorization({ interval: 1 }))
      .extend(openid({ claims: ({ name }) => ({ name }), findUser: (id) => ({ id, name: id }) }))
      .extend(pkce())
      .extend(jwks())
      .extend(metadata());
    const methods = [clientSecretBasic<Registered>(), clientSecretPost<Registered>(), none<Registered>()];
    const authenticate = clientAuthentication<Registered>({ server, methods });
    const alice: Middleware = (ctx, next) => {
      ctx.state['user'] = { id: 'alice', name: 'Alice' };
      return next();
    };
    const page: Middleware = (ctx) => {
      ctx.body = ctx.state['device'];
    };
    const router = new Router();
    router.all('/device', alice, server.route('device_verification') as Middleware, page);
    router.post('/device/decision', alice, server.route('device_decision') as Middleware, page);
    router.use('/device_authorization', before);
    server.mount(router, { authenticateClient: authenticate });
    const koa = new Koa();
    koa.keys = ['a key for tests'];
    koa.silent = true;
    return koa.use(session(koa)).use(server.errorHandler()).use(router.routes());
  });
}

/** The user on their telephone. */
export async function allows(uri: string, userCode: string): Promise<void> {
  const form = (body: Record<string, string>, cookie = '') =>
    fetch(new URL(body['device_id'] ? '/device/decision' : '/device', uri), {
      method: 'POST',
      body: new URLSearchParams(body),
      headers: { cookie },
    });
  const dialog = await form({ user_code: userCode });
  const cookie = dialog.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { id } = (await dialog.json()) as { id: string };
  assert.equal(((await (await form({ device_id: id }, cookie)).json()) as { page: string }).page, 'allowed');
}
