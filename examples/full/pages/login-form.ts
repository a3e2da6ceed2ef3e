/** The login form, for the page of the login and for whoever opens another page without being logged in. */
import type { Context } from 'koa';
import { type Clients, isClientID } from '../clients.js';
import type { Config } from '../config.js';
import { loginTokenOf } from '../forms.js';
import type { WithSession } from '../sessions.js';
import * as views from '../views/index.js';

/** What the form says: where it leads, and what was wrong with it when it was sent. */
export type Said = Pick<views.LoginModel, 'returnTo' | 'transactionID' | 'clientID' | 'username' | 'problem'>;

/** Shows the form, as the answer. */
export type ShowLogin = (ctx: Context & WithSession, said: Said) => Promise<void>;

/** For trying: never where others can reach it. */
const HINT = 'This is an example. It knows alice, with the password wonderland, and bob, with the password builder.';

export function loginForm({ clients, config }: { readonly clients: Clients; readonly config: Config }): ShowLogin {
  const hint = config.issuer.startsWith('http:') && !config.seed ? HINT : undefined;
  return async (ctx, said) => {
    const { clientID = '' } = said;
    const client = isClientID(clientID) ? await clients.find(clientID) : undefined;
    ctx.body = views.login({ ...said, clientName: client?.client_name, csrf: loginTokenOf(ctx), hint });
  };
}
