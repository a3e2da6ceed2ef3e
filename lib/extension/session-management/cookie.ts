/** Keeps the state of the login in the browser. @see OpenID Connect Session Management §3.2 */
import type { Context, Middleware } from 'koa';
import type { Core } from '../../core.js';
import { cookieOf, type SessionManagementOptions } from './options.js';
import { browserStateOf } from './state.js';

const EXPIRED = 'Max-Age=0; ';

/** Sets a cookie without Koa, which refuses to set `Secure` cookies behind a proxy that terminates TLS if `app.proxy` is not set. */
function setCookie(ctx: Context, name: string, value: string, attributes: string): void {
  ctx.append('Set-Cookie', `${name}=${value}; Path=/; Secure; ${attributes}`);
}

/**
 * Sets the cookie when a user has logged in, and removes it when nobody is logged in any more.
 *
 * A second cookie, with `SameSite=Lax` as session cookies have, shows whether the browser sends session cookies with a request. It does not send them in frames
 * at other sites, and with forms that other sites post: in such a request no user is known, which does not mean that nobody is logged in.
 */
export function stateCookie<C, U>(core: Core<C, U>, options: SessionManagementOptions<U>): Middleware {
  const { user: userOf, secret } = options;
  const name = cookieOf(options);
  const companion = `${name}_lax`;
  return async function sessionStateCookie(ctx, next) {
    await next();
    const user = (await userOf(ctx)) ?? undefined;
    const state = user === undefined ? undefined : browserStateOf(core, secret, user);
    const [kept, seen] = [name, companion].map((each) => ctx.cookies.get(each, { signed: false }));
    if (state === undefined ? seen === undefined : state === kept) return;
    const lifetime = state === undefined ? EXPIRED : '';
    // SameSite=None, since it is read in frames at other sites; not HttpOnly, since a script reads it
    setCookie(ctx, name, state ?? '', `${lifetime}SameSite=None`);
    setCookie(ctx, companion, state === undefined ? '' : '1', `${lifetime}HttpOnly; SameSite=Lax`);
  };
}
