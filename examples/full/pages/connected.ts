/** The page that lists the applications that may act for the user, and disconnects them. */
import Router from '@koa/router';
import type { TokenService } from 'koauthorize/tokens';
import { type App, type Clients, isClientID, isClientURL, nameOf } from '../clients.js';
import type { Consents } from '../consents.js';
import { csrfOf, requireOwnForm } from '../forms.js';
import { meaningOf } from '../scopes.js';
import type { WithSession } from '../sessions.js';
import type { Storage } from '../storage/index.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';

interface Options extends Access {
  readonly requireUser: RequireUser;
  readonly storage: Storage;
}

/** The sources of what is known about the access of applications. */
export interface Access {
  readonly tokens: TokenService<App, User>;
  readonly clients: Clients;
  readonly consents: Consents;
}

const now = (): number => Math.floor(Date.now() / 1000);

async function appName(clients: Clients, clientID: string): Promise<string> {
  return (await nameOf(clients, clientID)) ?? 'An application that is not registered any more';
}

/** All applications with a remembered consent or live tokens: the user can disconnect an application that has only one of the two. */
export async function appsOf(user: User, { tokens, consents, clients }: Access): Promise<views.ConnectedApp[]> {
  const remembered = await consents.list(user);
  const live = await tokens.listAuthorizations(user);
  const ids = [...new Set([...remembered.keys(), ...live.map(({ clientID }) => clientID)])];
  return Promise.all(
    ids.map(async (clientID) => {
      const consent = remembered.get(clientID);
      const acting = live.filter((app) => app.clientID === clientID);
      const scope = acting.length > 0 ? acting.flatMap((app) => app.scope) : (consent?.scope ?? []);
      return {
        clientID,
        name: await appName(clients, clientID),
        state: acting.length > 0 ? 'connected' : 'remembered',
        scopes: [...new Set(scope)].map(meaningOf),
        since: new Date((consent?.since ?? now()) * 1000), // the legacy password grant has no dialog, so it stores no date
      };
    }),
  );
}

/**
 * Removes the consent first, so that no new tokens are issued, and then revokes all tokens. tokens.listAuthorizations leaves out codes that are not
 * redeemed yet, so this reads the store itself.
 */
async function disconnect(user: User, clientID: string, { tokens, storage, consents }: Options): Promise<void> {
  await consents.remove(user, clientID);
  const records = await storage.tokens.list(user.id, now());
  const ids = records.filter((record) => record.clientID === clientID).map((record) => record.authorizationID);
  for (const id of new Set(ids)) await tokens.revokeAuthorization(user, id);
}

export function connectedPages(options: Options): PageRouter {
  const { requireUser } = options;
  const router = new Router<PageState, WithSession>();
  router.get('/connected', requireUser, async (ctx) => {
    const ended = ctx.query['ended'];
    const user = userOf(ctx);
    const isURL = typeof ended === 'string' && isClientURL(ended); // another site may have put any text into the URL
    const named = isURL ? 'The application' : await appName(options.clients, String(ended));
    const notice = typeof ended === 'string' && `${named} is disconnected.`;
    const apps = await appsOf(user, options);
    const isOver = !apps.some(({ clientID }) => clientID === ended); // a link from another site must not show a wrong notice
    ctx.body = views.connected({ user, csrf: csrfOf(ctx), apps, ...(notice && isOver && { notice }) });
  });
  router.post('/connected/revoke', requireUser, async (ctx) => {
    const clientID = requireOwnForm(ctx).get('client_id') ?? '';
    if (!isClientID(clientID) && !isClientURL(clientID)) return ctx.throw(400);
    await disconnect(userOf(ctx), clientID, options);
    seeOther(ctx, `/connected?ended=${encodeURIComponent(clientID)}`);
  });
  return router;
}
