/** What is left in `ctx.state.backchannel` for the application's pages. */
import type { Context } from 'koa';
import type { AuthorizationRequest } from '../../types.js';

/** A page for a user who is asked. */
export interface BackchannelPage<C = unknown> {
  /**
   * `login`: `prompts` says what the user must do first. `consent`: the user decides. `allowed`, `denied`: they have. `gone`: nothing waits for this user by this ID.
   */
  readonly page: 'login' | 'consent' | 'allowed' | 'denied' | 'gone';
  /** What the user must do first. */
  readonly prompts?: readonly string[] | undefined;
  /** The value of the field `dialog_id` of the form, which is also its CSRF token. */
  readonly dialogID?: string | undefined;
  readonly client?: C | undefined;
  /** What is asked for. Show `bindingMessage`: the user compares it with what the client shows. @see CIBA §7.1 */
  readonly req?: AuthorizationRequest | undefined;
}

/** The state of a Koa context behind the endpoints of the page. @example new Router<BackchannelState<App>>() */
export interface BackchannelState<C = unknown> {
  readonly backchannel: BackchannelPage<C>;
}

export function leave<C>(ctx: Context, page: BackchannelPage<C>): void {
  ctx.state['backchannel'] = page;
}
