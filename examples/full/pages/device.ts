/** Pages for devices without a browser: the user types the code that the device shows, sees what asks from where, and decides. RFC 8628. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { DeviceState, DeviceVerification, Server } from 'koauthorize';
import { browserOf } from '../browsers.js';
import type { App } from '../clients.js';
import { csrfOf } from '../forms.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, userOf } from './page.js';
import { wanted } from './wanted.js';

type PageContext = Context & WithSession & { state: PageState & DeviceState<App> };

const PROBLEMS = {
  unknown:
    'No device waits with this code. Please compare it with the one on your device; after ten minutes it is not good any more.',
  'not here': 'This device cannot be connected from where you are.',
  'too many': 'You have typed too many codes. Please wait a quarter of an hour.',
} as const;

function consent(ctx: PageContext, { id = '', userCode = '', client, req, from }: DeviceVerification<App>): string {
  const user = userOf(ctx);
  return views.device({
    id,
    userCode,
    client: { name: client?.client_name ?? '', uri: client?.client_uri },
    user,
    from: {
      device: from?.userAgent.startsWith('Mozilla/') ? browserOf(from.userAgent) : from?.userAgent,
      address: from?.address ?? '',
      isHere: from?.address === ctx.ip,
    },
    ...wanted(user, req),
  });
}

/** Where the login leads back to: the code is in the form then, and waits for a click. */
const pathWith = (userCode: string | undefined): string => `/device${userCode ? `?user_code=${userCode}` : ''}`;

function pageFor(showLogin: ShowLogin) {
  return async (ctx: PageContext): Promise<void> => {
    const { device, user } = ctx.state;
    const { page, userCode, problem, client } = device;
    if (page === 'login' || !user) return showLogin(ctx, { returnTo: pathWith(userCode), clientID: client?.client_id });
    if (page === 'consent') ctx.body = consent(ctx, device);
    else if (page === 'code') {
      if (problem) ctx.status = problem === 'too many' ? 429 : 400;
      ctx.body = views.deviceCode({ user, csrf: csrfOf(ctx), userCode, problem: problem && PROBLEMS[problem] });
    } else ctx.body = views.deviceDone({ clientName: client?.client_name ?? '', isAllowed: page === 'allowed' });
  };
}

export function devicePages({
  server,
  showLogin,
}: {
  readonly server: Server<App, User>;
  readonly showLogin: ShowLogin;
}): PageRouter {
  const router = new Router<PageState, WithSession>();
  const page = pageFor(showLogin) as unknown as Middleware;
  router.all('/device', server.route('device_verification'), page);
  router.all('/device/decision', server.route('device_decision'), page);
  return router;
}
