/** The endpoint that clients send the browser to. @see OpenID Connect RP-Initiated Logout §2 */
import type { Context, Middleware } from 'koa';
import type { Core } from '../../core.js';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { reasoned } from '../../errors/reason.js';
import { tellError } from '../../errors/tell.js';
import { noStore, protectDialog } from '../../http/headers.js';
import { isTooLong, repeatByGet } from '../../http/repeat-by-get.js';
import { keepRecord } from '../../transaction/session-records.js';
import type { Params } from '../../types.js';
import type { Finish } from './finish.js';
import type { LogoutOptions } from './options.js';
import { isOfPresent, presentOf } from './present.js';
import { type Asking, judgeLogout, readLogout, toQuery } from './request.js';
import { leave } from './state.js';
import { WAITING, type Waiting } from './waiting.js';

/** Has the browser repeat a POST by GET, with the cookie of the session: a page of another site may have posted the form. */
function repeat(ctx: Context, params: Params): void {
  const query = toQuery(params);
  if (isTooLong(query)) query.delete('id_token_hint'); // without the hint, the user is asked
  repeatByGet(ctx, query);
}

/** Reports the fault to the operator, and goes on: an invalid request of a client must not prevent that the user logs out. */
function tellFault(ctx: Context, fault: string, params: Params): void {
  const error = new BadRequestError('A logout request was not valid');
  const values = {
    client_id: params.get('client_id'),
    post_logout_redirect_uri: params.get('post_logout_redirect_uri'),
  };
  tellError(ctx.app, reasoned(error, fault, values), ctx);
}

/** Shows the page that asks the user. Its form is sent to the decision endpoint. */
function askUser<C, U>(
  core: Core<C, U>,
  ctx: Context,
  subject: string,
  asking: Asking<C> | undefined,
  params: Params,
): void {
  const id = core.uid(22);
  const { client, clientID, redirectURI, state } = asking ?? {};
  const at = core.now();
  const waiting: Waiting = { at, subject, clientID, ...(redirectURI !== undefined && { redirectURI, state }) };
  keepRecord(ctx, WAITING, id, waiting);
  const uiLocales = params.get('ui_locales')?.split(' ').filter(Boolean);
  leave(ctx, { id, isOver: false, client, frontChannel: [], logoutHint: params.get('logout_hint'), uiLocales });
  protectDialog(ctx);
}

export function logoutEndpoint<C, U>(core: Core<C, U>, options: LogoutOptions, finish: Finish<C>): Middleware {
  const { userProperty = 'user', alwaysAsk } = options;
  return async function logout(ctx, next) {
    noStore(ctx);
    const params = await readLogout(ctx);
    const present = presentOf(core, ctx, userProperty);
    if (!present && ctx.method === 'POST') return repeat(ctx, params);
    const { asking, fault } = await judgeLogout(core, params);
    if (fault !== undefined) tellFault(ctx, fault, params);
    // §2: the user MUST be asked if there is no ID token, or if it belongs to another user or session
    const isKnown = present && asking && (await isOfPresent(core, present, asking.hint, asking.client));
    if (!present || (isKnown && !alwaysAsk)) {
      const { client, redirectURI, state } = asking ?? {};
      return finish(ctx, { present, client, redirectURI, state }, next);
    }
    askUser(core, ctx, present.subject, asking, params);
    await next();
  };
}
