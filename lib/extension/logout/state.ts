/** What is left in `ctx.state.logout` for the application's page. */
import type { Context } from 'koa';

/** A logout, for the page that asks the user, and for the page after it. */
export interface Logout<C = unknown> {
  /** Set while the user is asked: the value of the field `logout_id` of the page's form, which is also its CSRF token. */
  readonly id?: string | undefined;
  /** Whether the session is over. If it is not, and there is an `id`, the page asks the user. */
  readonly isOver: boolean;
  /** Whether the user has said no. */
  readonly isRefused?: boolean;
  /** The client that asks, known by its ID token. */
  readonly client?: C | undefined;
  /** Where the page sends the user once its iframes have loaded. Set only where there are iframes: without, the user is redirected there at once. */
  readonly returnTo?: string | undefined;
  /** URLs of pages of clients, for hidden iframes of the page that says that the session is over. @see OpenID Connect Front-Channel Logout §3 */
  readonly frontChannel: readonly string[];
  /** `logout_hint`, as it came: whom the client means. It proves nothing. */
  readonly logoutHint?: string | undefined;
  /** The languages that the user prefers, the first the most. */
  readonly uiLocales?: readonly string[] | undefined;
}

/** The state of a Koa context behind the endpoints of a logout. @example new Router<LogoutState<App>>() */
export interface LogoutState<C = unknown> {
  readonly logout: Logout<C>;
}

export function leave<C>(ctx: Context, logout: Logout<C>): void {
  ctx.state['logout'] = logout;
}
