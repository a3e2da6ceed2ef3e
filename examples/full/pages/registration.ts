/** The pages on which developers register, list and remove their clients. Registrations are checked here and in redirect-uris.ts. */
import Router from '@koa/router';
import { type Clients, type Registration, SECRET_METHODS } from '../clients.js';
import { csrfOf, onceFor, requireOwnForm } from '../forms.js';
import { isName } from '../names.js';
import { readRedirectURIs } from '../redirect-uris.js';
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

function readRegistration(fields: Fields, { isTaken, issuer }: Options): Registration | Problem {
  const name = fields.get('client_name')?.trim() ?? '';
  if (isTaken(name)) return { field: 'name', problem: 'Another application has this name.' };
  if (!isName(name))
    return {
      field: 'name',
      problem: 'A name must have 1 to 60 visible characters, and begin with a letter or digit.',
    };
  const type = fields.get('type');
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

interface Pages {
  readonly requireUser: RequireUser;
  readonly clients: Clients;
  readonly documents: Documents;
  readonly issuer: string;
}

export function registrationPages({ clients, documents, issuer, requireUser }: Pages): PageRouter {
  const router = new Router<PageState, WithSession>();
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
      const said = (key: string): string => fields.get(key) ?? '';
      const [name, uris, type] = [said('client_name'), said('redirect_uris'), said('type')];
      ctx.status = 400;
      const values = { name, uris, type, method: said('method'), pkce: said('pkce') };
      ctx.body = views.registration({ user, csrf, values, ...problem });
    };
    const read = readRegistration(fields, { issuer, isTaken: clients.isTaken });
    if ('problem' in read) return again(read);
    const registered = await clients.register(user, read, await onceFor(documents, fields));
    if (!registered) return again({ problem: 'You have reached the maximum number of clients. Remove one first.' });
    ctx.status = 201;
    ctx.body = views.registered({ user, csrf, ...registered });
  });
  router.post('/clients/remove', requireUser, async (ctx) => {
    await clients.remove(userOf(ctx), requireOwnForm(ctx).get('client_id') ?? '');
    seeOther(ctx, '/clients');
  });
  return router;
}
