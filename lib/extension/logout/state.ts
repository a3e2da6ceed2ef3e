/** The value of `ctx.state.logout`, for the application's page. */
import type { Context } from 'koa';

/** A logout, for the page that asks the user, and for the page after it. */
export interface Logout<C = unknown> {
  /** Set while the user is asked: the value of the field `logout_id` of the page's form, which is also its CSRF token. */
  readonly id?: string | undefined;
  /** Whether the session is over. If it is not, and there is an `id`, the page asks the user. */
  readonly isOver: boolean;
  /** Whether the user has said no. */
  readonly isRefused?: boolean;
  /** The client that asked for the logout, identified by its ID token. */
  readonly client?: C | undefined;
  /** Where the page sends the user once its iframes have loaded. Set only if there are iframes: without them, the user is redirected at once. */
  readonly returnTo?: string | undefined;
  /** URLs of pages of clients, for hidden iframes of the page that says that the session is over. @see OpenID Connect Front-Channel Logout §3 */
  readonly frontChannel: readonly string[];
  /** `logout_hint`, as the client sent it: the user whom the client means. It is not verified. */
  readonly logoutHint?: string | undefined;
  /** The languages that the user prefers, the best first. */
  readonly uiLocales?: readonly string[] | undefined;
}

/** The state of a Koa context after the middleware of a logout. @example new Router<LogoutState<App>>() */
export interface LogoutState<C = unknown> {
  readonly logout: Logout<C>;
}

export function leave<C>(ctx: Context, logout: Logout<C>): void {
  ctx.state['logout'] = logout;
}
