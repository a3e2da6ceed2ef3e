/** The value of `ctx.state.backchannel`, for the application's pages. */
import type { Context } from 'koa';
import type { AuthorizationRequest } from '../../types.js';

/** A page for a user who is asked. */
export interface BackchannelPage<C = unknown> {
  /**
   * `login`: `prompts` says what the user must do first. `consent`: the user has to decide. `allowed`, `denied`: the user has decided. `gone`: no request with
   * this ID waits for this user.
   */
  readonly page: 'login' | 'consent' | 'allowed' | 'denied' | 'gone';
  /** What the user must do first. */
  readonly prompts?: readonly string[] | undefined;
  /** The value of the field `dialog_id` of the form, which is also its CSRF token. */
  readonly dialogID?: string | undefined;
  readonly client?: C | undefined;
  /** The request. Show its `bindingMessage`: the user compares it with the one that the client shows. @see CIBA §7.1 */
  readonly req?: AuthorizationRequest | undefined;
}

/** The state of a Koa context after the middleware of the page. @example new Router<BackchannelState<App>>() */
export interface BackchannelState<C = unknown> {
  readonly backchannel: BackchannelPage<C>;
}

export function leave<C>(ctx: Context, page: BackchannelPage<C>): void {
  ctx.state['backchannel'] = page;
}
