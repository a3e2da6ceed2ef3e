/** The pages on which developers register, list, change and remove their clients. Registrations are checked here and in redirect-uris.ts. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { attemptOf } from '../attempt.js';
import { type App, type Clients, type Registration, SECRET_METHODS } from '../clients.js';
import { csrfOf, onceFor, requireOwnForm } from '../forms.js';
import { isName } from '../names.js';
import { readRedirectURIs } from '../redirect-uris.js';
import { allowScript } from '../security.js';
import type { WithSession } from '../sessions.js';
import type { Documents } from '../storage/index.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';

interface Problem {
  readonly problem: string;
  readonly field: 'name' | 'uris' | 'type' | 'method' | 'pkce';
}

type Fields = ReadonlyMap<string, string>;

interface Options {
  readonly issuer: string;
  isTaken(name: string): boolean;
}

/** @param type of a client that is changed; else the form says it */
function readRegistration(
  fields: Fields,
  { isTaken, issuer }: Options,
  type: string | undefined = fields.get('type'),
): Registration | Problem {
  const name = fields.get('client_name')?.trim() ?? '';
  if (isTaken(name)) return { field: 'name', problem: 'Another application has this name.' };
  if (!isName(name))
    return {
      field: 'name',
      problem: 'A name must have 1 to 60 visible characters, and begin with a letter or digit.',
    };
  if (type !== 'confidential' && type !== 'public') return { field: 'type', problem: 'Choose what the client is.' };
  const uris = readRedirectURIs(fields.get('redirect_uris') ?? '', type, issuer);
  if (typeof uris === 'string') return { field: 'uris', problem: uris };
  const [wanted = '', pkce] = [fields.get('method'), fields.get('pkce')];
  const method = SECRET_METHODS.find((one) => one === wanted);
  if (type === 'public' && pkce) return { field: 'pkce', problem: 'A client without a secret must use PKCE.' };
  if (type === 'public') return { name, uris, type };
  if (wanted && !method) return { field: 'method', problem: 'Choose one of the ways to send the secret.' };
  return { name, uris, type, method, pkce: pkce ? 'may be missing' : undefined };
}

type Values = NonNullable<views.RegistrationModel['values']>;

/** What was typed. */
function valuesIn(fields: Fields): Values {
  const said = (key: string): string => fields.get(key) ?? '';
  const [name, uris, type] = [said('client_name'), said('redirect_uris'), said('type')];
  return { name, uris, type, method: said('method'), pkce: said('pkce') };
}

/** What is registered. */
function valuesOf({ client_name: name, redirect_uris, token_endpoint_auth_method: method = '', pkce }: App): Values {
  const isPublic = method === 'none';
  const type = isPublic ? 'public' : 'confidential';
  return { name, uris: redirect_uris.join('\n'), type, method: isPublic ? '' : method, pkce: pkce ?? '' };
}

type PageContext = Context & { readonly state: PageState };

interface Pages {
  readonly requireUser: RequireUser;
  readonly clients: Clients;
  readonly documents: Documents;
  readonly issuer: string;
}

export function registrationPages({ clients, documents, issuer, requireUser }: Pages): PageRouter {
  const router = new Router<PageState, WithSession>();
  const rules: Options = { issuer, isTaken: clients.isTaken };
  const ownOf = (ctx: PageContext): Promise<App | undefined> =>
    clients.own(userOf(ctx), String(ctx.query['client_id']));
  router.get('/clients', requireUser, async (ctx) => {
    const user = userOf(ctx);
    ctx.body = views.clients({ user, csrf: csrfOf(ctx), clients: await clients.list(user) });
  });
  router.get('/clients/new', requireUser, (ctx) => {
    ctx.body = views.registration({ user: userOf(ctx), csrf: csrfOf(ctx) });
  });
  router.post('/clients/new', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const [user, csrf] = [userOf(ctx), csrfOf(ctx)];
    const again = (problem: Partial<Problem>): void => {
      ctx.status = 400;
      ctx.body = views.registration({ user, csrf, values: valuesIn(fields), ...problem });
    };
    const read = readRegistration(fields, rules);
    if ('problem' in read) return again(read);
    const registered = await clients.register(user, read, await onceFor(documents, fields));
    if (!registered) return again({ problem: 'You have reached the maximum number of clients. Remove one first.' });
    ctx.status = 201;
    allowScript(ctx, views.COPY_SCRIPT);
    ctx.body = views.registered({ user, csrf, was: 'registered', ...registered });
  });
  router.get('/clients/client', requireUser, async (ctx) => {
    const client = await ownOf(ctx);
    if (!client) return seeOther(ctx, '/clients'); // it was removed, and the browser goes back
    const notice = ctx.query['changed'] === 'yes' ? 'It is changed.' : undefined;
    allowScript(ctx, views.COPY_SCRIPT);
    ctx.body = views.client({
      user: userOf(ctx),
      csrf: csrfOf(ctx),
      client,
      attempt: attemptOf(issuer, client),
      notice,
    });
  });
  router.get('/clients/change', requireUser, async (ctx) => {
    const changed = await ownOf(ctx);
    if (!changed) return seeOther(ctx, '/clients');
    ctx.body = views.registration({ user: userOf(ctx), csrf: csrfOf(ctx), changed, values: valuesOf(changed) });
  });
  router.post('/clients/change', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const user = userOf(ctx);
    const changed = await clients.own(user, fields.get('client_id') ?? '');
    if (!changed) return seeOther(ctx, '/clients');
    const { type } = valuesOf(changed);
    const read = readRegistration(fields, rules, type);
    if ('problem' in read) {
      ctx.status = 400;
      ctx.body = views.registration({ user, csrf: csrfOf(ctx), changed, values: valuesIn(fields), ...read });
      return;
    }
    await clients.change(user, changed.client_id, read);
    seeOther(ctx, `/clients/client?client_id=${changed.client_id}&changed=yes`);
  });
  router.post('/clients/rotate', requireUser, async (ctx) => {
    const fields = requireOwnForm(ctx);
    const [user, csrf] = [userOf(ctx), csrfOf(ctx)];
    const rotated = await clients.rotate(user, fields.get('client_id') ?? '', await onceFor(documents, fields));
    if (!rotated) return seeOther(ctx, '/clients');
    allowScript(ctx, views.COPY_SCRIPT);
    ctx.body = views.registered({ user, csrf, was: 'rotated', ...rotated });
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
