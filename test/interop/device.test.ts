/** The device flow of oauth4webapi and of openid-client, unchanged, over HTTP. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, deviceAuthorization, metadata } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { User } from '../support/authorization-server.js';
import { type Registered, client as registered } from '../support/client-auth.js';
import { serve, stopAll } from '../support/interop-server.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const SECRET = 'a secret';
const television = registered('television', { client_secret: SECRET, redirect_uris: [] });

async function started(): Promise<string> {
  const clients = { find: (id: string) => (id === television.client_id ? television : undefined) };
  return serve((issuer) => {
    const tokens = tokenService<Registered, User>({ store: memoryStore() });
    const server = createServer<Registered, User>({ issuer, clients, tokens });
    server.extend(deviceAuthorization({ interval: 1 })).extend(metadata());
    const authenticate = clientAuthentication<Registered>({ server, methods: [clientSecretBasic()] });
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
    server.mount(router, { authenticateClient: authenticate });
    const koa = new Koa();
    koa.keys = ['a key for tests'];
    koa.silent = true;
    return koa.use(session(koa)).use(server.errorHandler()).use(router.routes());
  });
}

/** The user on their telephone. */
async function allows(uri: string, userCode: string): Promise<void> {
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

describe('the device flow of client libraries', () => {
  let url: string;
  before(async () => {
    url = await started();
  });
  after(stopAll);

  it('oauth4webapi', async () => {
    const as = await oauth.processDiscoveryResponse(
      new URL(url),
      await oauth.discoveryRequest(new URL(url), { algorithm: 'oauth2', ...insecure }),
    );
    const [client, auth] = [{ client_id: 'television' }, oauth.ClientSecretBasic(SECRET)];
    const begun = await oauth.processDeviceAuthorizationResponse(
      as,
      client,
      await oauth.deviceAuthorizationRequest(as, client, auth, { scope: 'read' }, insecure),
    );
    const poll = () => oauth.deviceCodeGrantRequest(as, client, auth, begun.device_code, insecure);
    await assert.rejects(
      poll().then((response) => oauth.processDeviceCodeResponse(as, client, response)),
      { error: 'authorization_pending' },
    );
    await allows(begun.verification_uri, begun.user_code);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const tokens = await oauth.processDeviceCodeResponse(as, client, await poll());
    assert.deepEqual([tokens.token_type, tokens.scope], ['bearer', 'read']);
  });

  it('openid-client, which waits and asks by itself', async () => {
    const config = await openid.discovery(new URL(url), 'television', undefined, openid.ClientSecretBasic(SECRET), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const begun = await openid.initiateDeviceAuthorization(config, { scope: 'read' });
    const polling = openid.pollDeviceAuthorizationGrant(config, begun);
    await allows(begun.verification_uri, begun.user_code);
    assert.equal((await polling).token_type, 'bearer');
  });
});
