/** What the user has to do before a request continues: log in, choose an account, or decide. Each page continues the same request. */
import type { Context } from 'koa';
import type { OAuth2State } from 'koauthorize';
import type { App } from '../clients.js';
import { needsPasskey, type Passkeys } from '../passkeys.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import { seeOther } from './page.js';
import { questionFor } from './passkeys.js';

type Waiting = OAuth2State<App, User>['oauth2'];

/** The path that continues a waiting request. */
export const resumePath = (transactionID: string): string =>
  `/authorize/resume?transaction_id=${encodeURIComponent(transactionID)}`;

/** Characters. Servers and proxies accept URLs of this length. */
const MAX_LINK_LENGTH = 8000;

/** The path that starts the same request again, in case it no longer waits. */
export function againPath(ctx: Pick<Context, 'method' | 'url'>, transactionID: string): string {
  const url = ctx.url.replaceAll('\\', '%5C'); // browsers do not escape backslashes in a query
  return ctx.method === 'GET' && encodeURIComponent(url).length <= MAX_LINK_LENGTH ? url : resumePath(transactionID);
}

/** The path to the login with another account. */
export function otherPath(transactionID: string, clientID: string): string {
  const query = { transaction_id: transactionID, client_id: clientID, return_to: resumePath(transactionID) };
  return `/login?${new URLSearchParams(query)}`;
}

/** The forms of a dialog after which another page of the dialog follows. */
const ANSWERS = new Set(['/authorize/account', '/authorize/passkey']);

/**
 * Shows the page for the next prompt. After a form, it redirects to a URL of its own, so that Back and Reload do not send the form again.
 *
 * @param decide shows the consent dialog
 */
export async function showDue(
  ctx: Context & WithSession & { readonly state: { readonly oauth2: Waiting } },
  { showLogin, passkeys }: { readonly showLogin: ShowLogin; readonly passkeys: Passkeys },
  decide: (user: User) => Promise<string>,
): Promise<void> {
  const { prompts = [], transactionID = '', client, req, user, done = [] } = ctx.state.oauth2;
  const { client_id: clientID, client_name: clientName } = client;
  if (ctx.method === 'POST' && ANSWERS.has(ctx.path)) {
    const hasFailed = ctx.path === '/authorize/passkey' && !ctx.state['hasShownPasskey'];
    return seeOther(ctx, `${resumePath(transactionID)}${hasFailed ? '&failed=yes' : ''}`);
  }
  const isPassword = req.prompt?.includes('login') && !done.includes('login'); // the password comes first
  if (user && prompts.includes('login') && needsPasskey(user, req) && !isPassword) {
    ctx.body = await questionFor(ctx, passkeys, { transactionID, clientName, user });
    return;
  }
  if (!user || prompts.includes('login')) {
    const username = req.loginHint ?? user?.username;
    const returnTo = againPath(ctx, transactionID);
    return showLogin(ctx, { returnTo, transactionID, clientID, ...(username && { username }) });
  }
  ctx.body = prompts.includes('select_account')
    ? views.choose({ transactionID, clientName, user, other: otherPath(transactionID, clientID) })
    : await decide(user);
}
