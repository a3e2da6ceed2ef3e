/** The pages on which developers register, list, change and remove their clients. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { attemptOf } from '../attempt.js';
import type { App, Clients } from '../clients.js';
import { csrfOf, onceFor, requireOwnForm } from '../forms.js';
import { nextPage } from '../next-page.js';
import { allowScript } from '../security.js';
import type { WithSession } from '../sessions.js';
import type { Documents } from '../storage/index.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';
import { type Problem, type Rules, readRegistration, valuesIn, valuesOf } from './registration-form.js';

type PageContext = Context & WithSession & { readonly state: PageState };

/** The values of a form with a problem, which is shown again. */
type Draft = Pick<views.RegistrationModel, 'values' | 'problem' | 'field'>;

/** The content of the page after a registration, which is shown once. */
type Made = Pick<views.RegisteredModel, 'was' | 'secret'>;

interface Pages {
  readonly requireUser: RequireUser;
  readonly clients: Clients;
  readonly documents: Documents;
  readonly issuer: string;
}

const NOTICES = new Map([
  ['changed', 'It is changed.'],
  ['shown', 'A secret is shown only once. If you have not copied it, make a new one below.'],
]);

const pathOf = (page: string, clientID: string): string => `/clients/${page}?client_id=${encodeURIComponent(clientID)}`;

export function registrationPages({ clients, documents, issuer, requireUser }: Pages): PageRouter {
  const router = new Router<PageState, WithSession>();
  const next = nextPage(documents);
  const rules: Rules = { issuer, isTaken: clients.isTaken };
  const ownOf = (ctx: PageContext): Promise<App | undefined> =>
    clients.own(userOf(ctx), String(ctx.query['client_id']));
  const draftFor = (ctx: PageContext) => next.look<Draft>(ctx, ctx.query['again']);
  const again = (ctx: PageContext, fields: ReadonlyMap<string, string>, problem: Partial<Problem>): Promise<string> =>
    next.leave(ctx, { values: valuesIn(fields), ...problem } satisfies Draft);
  const showMade = async (ctx: PageContext, clientID: string, made: Made): Promise<void> =>
    seeOther(ctx, `${pathOf('registered', clientID)}&made=${await next.leave(ctx, made)}`);
  router.get('/clients', requireUser, async (ctx) => {
    const user = userOf(ctx);
    ctx.body = views.clients({ user, csrf: csrfOf(ctx), clients: await clients.list(user) });
  });
  router.get('/clients/new', requireUser, async (ctx) => {
    ctx.body = views.registration({ user: userOf(ctx), csrf: csrfOf(ctx), ...(await draftFor(ctx)) });
  });
  router.post('/clients/new', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const repeat = async (problem: Partial<Problem>): Promise<void> =>
      seeOther(ctx, `/clients/new?again=${await again(ctx, fields, problem)}`);
    const read = readRegistration(fields, rules);
    if ('problem' in read) return repeat(read);
    const registered = await clients.register(userOf(ctx), read, await onceFor(documents, fields));
    if (!registered) return repeat({ problem: 'You have reached the maximum number of clients. Remove one first.' });
    await showMade(ctx, registered.client.client_id, { was: 'registered', secret: registered.secret });
  });
  router.get('/clients/registered', requireUser, async (ctx) => {
    const client = await ownOf(ctx);
    if (!client) return seeOther(ctx, '/clients');
    const made = await next.take<Made>(ctx, ctx.query['made']);
    if (!made) return seeOther(ctx, `${pathOf('client', client.client_id)}&notice=shown`);
    allowScript(ctx, views.COPY_SCRIPT);
    ctx.body = views.registered({ user: userOf(ctx), csrf: csrfOf(ctx), client, ...made });
  });
  router.get('/clients/client', requireUser, async (ctx) => {
    const client = await ownOf(ctx);
    if (!client) return seeOther(ctx, '/clients'); // the client was removed, and the user went back in the browser
    const notice = String(ctx.query['notice']);
    const isTold = notice !== 'shown' || client.token_endpoint_auth_method !== 'none';
    allowScript(ctx, views.COPY_SCRIPT);
    ctx.body = views.client({
      user: userOf(ctx),
      csrf: csrfOf(ctx),
      client,
      attempt: attemptOf(issuer, client),
      notice: isTold ? NOTICES.get(notice) : undefined,
    });
  });
  router.get('/clients/change', requireUser, async (ctx) => {
    const changed = await ownOf(ctx);
    if (!changed) return seeOther(ctx, '/clients');
    const draft = (await draftFor(ctx)) ?? { values: valuesOf(changed) };
    ctx.body = views.registration({ user: userOf(ctx), csrf: csrfOf(ctx), changed, ...draft });
  });
  router.post('/clients/change', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const user = userOf(ctx);
    const changed = await clients.own(user, fields.get('client_id') ?? '');
    if (!changed) return seeOther(ctx, '/clients');
    const { client_id: id } = changed;
    const read = readRegistration(fields, rules, valuesOf(changed).type);
    if ('problem' in read) return seeOther(ctx, `${pathOf('change', id)}&again=${await again(ctx, fields, read)}`);
    await clients.change(user, id, read);
    seeOther(ctx, `${pathOf('client', id)}&notice=changed`);
  });
  router.post('/clients/rotate', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const rotated = await clients.rotate(userOf(ctx), fields.get('client_id') ?? '', await onceFor(documents, fields));
    if (!rotated) return seeOther(ctx, '/clients');
    await showMade(ctx, rotated.client.client_id, { was: 'rotated', secret: rotated.secret });
  });
  router.get('/clients/remove', requireUser, async (ctx) => {
    const client = await ownOf(ctx);
    if (!client) return seeOther(ctx, '/clients');
    ctx.body = views.removal({ user: userOf(ctx), csrf: csrfOf(ctx), client });
  });
  router.post('/clients/remove', requireUser, async (ctx) => {
    await clients.remove(userOf(ctx), requireOwnForm(ctx).get('client_id') ?? '');
    seeOther(ctx, '/clients');
  });
  return router;
}
