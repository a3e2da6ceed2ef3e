/** The authorization endpoint and its dialog: what the dialog shows, and how its form is read. */
import Router from '@koa/router';
import type { FormBody, Server, Transaction } from 'koauthorize';
import type { App, Clients } from '../clients.js';
import type { Consents } from '../consents.js';
import { meaningOf } from '../scopes.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, userOf } from './page.js';

interface Options {
  readonly requireUser: RequireUser;
  readonly server: Server<App, User>;
  readonly clients: Clients;
  readonly consents: Consents;
}

/** Where the answer is sent: a host, or an app. The scheme of an app is marked as such, because it could look like a host. */
function hostOf(redirectURI: string): string {
  const { host, protocol } = new URL(redirectURI);
  return protocol === 'https:' || protocol === 'http:' ? host : `an app on this device (${protocol})`;
}

/** Characters. Servers and proxies accept addresses of this length beside the other headers. */
const MAX_LINK_LENGTH = 8000;

/** The scopes that were ticked. If there are none, the answer is to deny. */
function decisionOf(form: FormBody) {
  const scope = [form['scope'] ?? []].flat();
  return scope.length > 0 ? { scope } : { allow: false };
}

async function dialog(txn: Transaction<App, User>, user: User, consents: Consents, url: string): Promise<string> {
  const { client, req, transactionID = '', redirectURI } = txn;
  const remembered = await consents.remembered(txn);
  const changeUser = `/login?return_to=${encodeURIComponent(url)}`;
  return views.consent({
    transactionID,
    client: { name: client.client_name, uri: client.client_uri, host: hostOf(redirectURI) },
    user,
    scopes: (req.scope ?? []).map((name) => ({ name, meaning: meaningOf(name), isNew: !remembered.includes(name) })),
    ...(changeUser.length <= MAX_LINK_LENGTH && { changeUser }),
  });
}

export function consentPages({ server, consents, requireUser }: Options): PageRouter {
  const router = new Router<PageState, WithSession>();
  router.get(
    '/authorize',
    requireUser,
    server.authorization({
      immediate: (txn: Transaction<App, User>) => consents.covers(txn),
      complete: (_ctx, txn) => consents.confirm(txn),
    }),
    async (ctx) => {
      ctx.body = await dialog(ctx.state.oauth2, userOf(ctx), consents, ctx.url);
    },
  );
  router.post(
    '/authorize/decision',
    server.decision(
      (_ctx, form) => decisionOf(form),
      (_ctx, txn) => consents.add(txn),
    ),
  );
  return router;
}
