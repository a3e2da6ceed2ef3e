/** What the user has to do before a request goes on: log in, choose an account, or decide. Each page goes on with the same request. */
import type { Context, Middleware } from 'koa';
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

/** Where a request goes on that waits. */
export const resumePath = (transactionID: string): string =>
  `/authorize/resume?transaction_id=${encodeURIComponent(transactionID)}`;

/** Characters. Servers and proxies accept addresses of this length beside the other headers. */
const MAX_LINK_LENGTH = 8000;

/** Where the same request begins again, if it no longer waits. */
export function againPath(ctx: Pick<Context, 'method' | 'url'>, transactionID: string): string {
  const url = ctx.url.replaceAll('\\', '%5C'); // which browsers leave as it is in a query
  return ctx.method === 'GET' && encodeURIComponent(url).length <= MAX_LINK_LENGTH ? url : resumePath(transactionID);
}

/** To the login, for another account. */
export function otherPath(transactionID: string, clientID: string): string {
  const query = { transaction_id: transactionID, client_id: clientID, return_to: resumePath(transactionID) };
  return `/login?${new URLSearchParams(query)}`;
}

/**
 * A request that an application posts, again by GET. A browser sends no cookie with `SameSite=Lax` when another site posts a form, so that who is
 * logged in would seem not to be. It sends the cookie when it follows this.
 */
export const comeAgain: Middleware = async (ctx, next) => {
  const fields = Object.entries((ctx.request as { body?: object }).body ?? {});
  const sent = fields.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  const query = new URLSearchParams(sent).toString();
  if (query.length > MAX_LINK_LENGTH) await next();
  else seeOther(ctx, `/authorize?${query}`);
};

/** Forms of a dialog, whose answers are followed by another page of it. */
const ANSWERS = new Set(['/authorize/account', '/authorize/passkey']);

/**
 * Shows the page for what is due. After a form it is at an address of its own, so that Back and Reload do not send the form again.
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
  const isPassword = req.prompt?.includes('login') && !done.includes('login'); // that comes first
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
