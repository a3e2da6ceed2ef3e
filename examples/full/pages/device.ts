/** Pages for devices without a browser (RFC 8628): the user types the code that the device shows, sees which client asks from which place, and decides. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { DeviceState, DeviceVerification, Server } from 'koauthorize';
import { browserOf, placeOf } from '../browsers.js';
import type { App } from '../clients.js';
import { csrfOf, fieldsOf } from '../forms.js';
import { sessionKey, type WithSession } from '../sessions.js';
import { type Documents, keyOf } from '../storage/index.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';
import { wanted } from './wanted.js';

type PageContext = Context & WithSession & { state: PageState & DeviceState<App> };

interface Options {
  readonly server: Server<App, User>;
  readonly showLogin: ShowLogin;
  readonly requireUser: RequireUser;
  readonly documents: Documents;
}

const PROBLEMS = {
  unknown:
    'No device waits with this code. Please compare it with the one on your device; after ten minutes it is not good any more.',
  'not here': 'This device cannot be connected from where you are.',
  'too many': 'You have typed too many codes. Please wait a quarter of an hour.',
} as const;

function dialog(
  ctx: PageContext,
  { id = '', userCode = '', client, req, from }: DeviceVerification<App>,
): views.DeviceModel {
  const user = userOf(ctx);
  return {
    id,
    userCode,
    client: { name: client?.client_name ?? '', uri: client?.client_uri },
    user,
    from: {
      device: from?.userAgent.startsWith('Mozilla/') ? browserOf(from.userAgent) : from?.userAgent,
      address: placeOf(from?.address ?? ''),
      isHere: placeOf(from?.address ?? '') === placeOf(ctx.ip),
    },
    ...wanted(user, req),
  };
}

/** The path to which the login returns. The form then contains the code, and the user has to send it by a click. */
const pathWith = (userCode: string | undefined): string => `/device${userCode ? `?user_code=${userCode}` : ''}`;

/** The content of a page, which only this browser can see. */
type Shown = { readonly dialog: views.DeviceModel } | { readonly done: views.DeviceDoneModel };

/** Seconds for which a page can be shown, which is the lifetime of a code. */
const SHOWN = 600;

/** Redirects to a page with its own URL, so that Back in a browser does not send a form again. */
async function showAt(ctx: PageContext, documents: Documents, id: string, shown: Shown): Promise<void> {
  await documents.set(keyOf('device', sessionKey(ctx), id), shown, SHOWN);
  seeOther(ctx, `/device/dialog?device_id=${encodeURIComponent(id)}`);
}

/** Redirects to the form with the problem, and with the typed code in it. */
function showProblem(ctx: Context, userCode = '', problem: keyof typeof PROBLEMS): void {
  seeOther(ctx, `/device?${new URLSearchParams({ user_code: userCode, problem })}`);
}

function pageFor({ showLogin, documents }: Pick<Options, 'showLogin' | 'documents'>) {
  return async (ctx: PageContext): Promise<void> => {
    const { device, user } = ctx.state;
    const { page, id = '', userCode, problem, client } = device;
    if (page === 'login' || !user) return showLogin(ctx, { returnTo: pathWith(userCode), clientID: client?.client_id });
    if (page === 'consent') return showAt(ctx, documents, id, { dialog: dialog(ctx, device) });
    if (page === 'code' && problem) return showProblem(ctx, userCode, problem);
    if (page === 'code') {
      const said = Object.entries(PROBLEMS).find(([name]) => name === ctx.query['problem']);
      ctx.body = views.deviceCode({ user, csrf: csrfOf(ctx), userCode, problem: said?.[1] });
      return;
    }
    const done = { clientName: client?.client_name ?? '', isAllowed: page === 'allowed' };
    await showAt(ctx, documents, fieldsOf(ctx.request.body).get('device_id') ?? '', { done });
  };
}

export function devicePages({ server, requireUser, ...options }: Options): PageRouter {
  const router = new Router<PageState, WithSession>();
  const page = pageFor(options) as unknown as Middleware;
  router.get('/device/dialog', requireUser, async (ctx) => {
    const id = String(ctx.query['device_id']);
    const shown = (await options.documents.get(keyOf('device', sessionKey(ctx), id))) as Shown | undefined;
    if (!shown) return seeOther(ctx, '/device');
    ctx.body = 'done' in shown ? views.deviceDone(shown.done) : views.device(shown.dialog);
  });
  router.all('/device', server.route('device_verification'), page);
  router.all('/device/decision', server.route('device_decision'), page);
  return router;
}
