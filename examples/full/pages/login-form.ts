/** The login form, for the login page, and for users who open another page without being logged in. */
import type { Context } from 'koa';
import { type Clients, isClientID } from '../clients.js';
import type { Config } from '../config.js';
import { loginTokenOf } from '../forms.js';
import type { WithSession } from '../sessions.js';
import * as views from '../views/index.js';

/** The content of the form: where it leads, and the problem with its last values. */
export type Said = Pick<views.LoginModel, 'returnTo' | 'transactionID' | 'clientID' | 'username' | 'problem'>;

/** Answers with the form. */
export type ShowLogin = (ctx: Context & WithSession, said: Said) => Promise<void>;

/** For development only. It must never be shown to others. */
const HINT = 'This is an example. It knows alice, with the password wonderland, and bob, with the password builder.';

export function loginForm({ clients, config }: { readonly clients: Clients; readonly config: Config }): ShowLogin {
  const hint = config.issuer.startsWith('http:') && !config.seed ? HINT : undefined;
  return async (ctx, said) => {
    const { clientID = '' } = said;
    const client = isClientID(clientID) ? await clients.find(clientID) : undefined;
    ctx.body = views.login({ ...said, clientName: client?.client_name, csrf: loginTokenOf(ctx), hint });
  };
}
