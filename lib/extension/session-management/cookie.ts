/** Keeps the state of the login in the browser. @see OpenID Connect Session Management §3.2 */
import type { Context, Middleware } from 'koa';
import type { Core } from '../../core.js';
import { cookieOf, type SessionManagementOptions } from './options.js';
import { browserStateOf } from './state.js';

const EXPIRED = 'Max-Age=0; ';

/** Not by Koa, which sets no `Secure` cookie where a proxy in front of it speaks TLS and `app.proxy` is not set. */
function setCookie(ctx: Context, name: string, value: string, attributes: string): void {
  ctx.append('Set-Cookie', `${name}=${value}; Path=/; Secure; ${attributes}`);
}

/**
 * Sets the cookie when somebody has logged in, and removes it when nobody is logged in any more.
 *
 * A second cookie says whether the browser has sent the cookies of sessions along, which are `SameSite=Lax`. To frames at other sites, and to forms that
 * these post, it does not send them: that no user is seen there does not mean that nobody is logged in.
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
    setCookie(ctx, name, state ?? '', `${lifetime}SameSite=None`); // read in frames at other sites; by a script, and so not HttpOnly
    setCookie(ctx, companion, state === undefined ? '' : '1', `${lifetime}HttpOnly; SameSite=Lax`);
  };
}
