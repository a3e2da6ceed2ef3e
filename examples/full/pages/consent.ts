/** The authorization endpoint and its dialog: what the dialog shows, and how its form is read. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { clientFacts, type Server, type Transaction } from 'koauthorize';
import type { App } from '../clients.js';
import type { Consents } from '../consents.js';
import { decisionOf } from '../decisions.js';
import type { Passkeys } from '../passkeys.js';
import type { StrangerLimits } from '../rate-limits.js';
import { REMEMBERED } from '../remembered.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import type { PageRouter, PageState } from './page.js';
import { answersQuestion } from './passkeys.js';
import { otherPath, showDue } from './prompts.js';
import { wanted } from './wanted.js';

interface Options {
  readonly showLogin: ShowLogin;
  readonly server: Server<App, User>;
  readonly consents: Consents;
  readonly passkeys: Passkeys;
  readonly limits: StrangerLimits;
}

/** The verified facts of the client, and its own claims. The scheme of an app is marked as such, because it could look like a host. */
function clientModel(txn: Transaction<App, User>): views.ConsentModel['client'] {
  const { clientHost, redirectHost, isLocalOnly } = clientFacts(txn);
  const host = redirectHost.endsWith(':') ? `an app on this device (${redirectHost})` : redirectHost;
  const { client_name: name, client_uri: uri } = txn.client;
  return { name, uri, host, documentHost: clientHost, isLocalOnly: clientHost !== undefined && isLocalOnly };
}

async function dialog(txn: Transaction<App, User>, user: User, consents: Consents): Promise<string> {
  const { client, req, transactionID = '' } = txn;
  const remembered = await consents.remembered(txn);
  return views.consent({
    transactionID,
    client: clientModel(txn),
    user,
    ...wanted(user, req, (name) => !remembered.includes(name)),
    changeUser: otherPath(transactionID, client.client_id),
  });
}

export function consentPages({ server, consents, showLogin, limits, passkeys }: Options): PageRouter {
  const router = new Router<PageState, WithSession>();
  const immediate = async (txn: Transaction<App, User>) => {
    const covered = await consents.covers(txn);
    return covered[0] ? ([true, undefined, REMEMBERED] as const) : covered;
  };
  const complete = (_ctx: Context, txn: Transaction<App, User>) => consents.confirm(txn);
  const due: Middleware<PageState, WithSession> = (ctx) =>
    showDue(ctx, { showLogin, passkeys }, (user) => dialog(ctx.state.oauth2, user, consents));
  const authorization = server.authorization({ immediate, complete });
  router.get('/authorize', limits.authorizations, authorization, due);
  router.post('/authorize', limits.authorizations, authorization, due);
  router.get('/authorize/resume', server.resume(immediate, complete), due);
  router.post(
    '/authorize/passkey',
    answersQuestion(passkeys),
    server.resume({ done: ({ state }) => (state['hasShownPasskey'] ? ['login'] : []) }, immediate, complete),
    due,
  );
  router.post('/authorize/account', server.resume({ done: () => ['select_account'] }, immediate, complete), due);
  router.post(
    '/authorize/decision',
    server.decision(
      (_ctx, form) => decisionOf(form),
      (_ctx, txn) => consents.add(txn),
    ),
  );
  return router;
}
