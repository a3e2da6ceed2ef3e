/** The page that lists passkeys, and the page that asks for one. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { csrfOf, fieldsOf, requireOwnForm } from '../forms.js';
import type { Passkeys } from '../passkeys.js';
import { allowScript } from '../security.js';
import { ACR, PASSKEY_ACR, type WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';

const PAGE = '/account/passkeys';
const FAILED = 'That passkey could not be checked. Please try again.';

/**
 * Checks the answer to a passkey question. A valid answer upgrades the login of this session. An invalid one changes nothing, and the question is shown again.
 *
 * @param page the page that asked. Without it, the question belongs to the transaction that `server.resume` continues
 */
export function answersQuestion(passkeys: Passkeys, page?: string): Middleware<PageState, WithSession> {
  return async (ctx, next) => {
    const { user } = ctx.state;
    const fields = fieldsOf(ctx.request.body);
    const purpose = page ?? fields.get('transaction_id') ?? '';
    const shown = user?.login && ctx.session && (await passkeys.check(ctx, user, fields.get('answer') ?? '', purpose));
    if (shown && user?.login && ctx.session) {
      const authenticatedAt = Math.floor(Date.now() / 1000);
      const login = { ...user.login, authenticatedAt, acr: PASSKEY_ACR, amr: ['pwd', 'pop', 'mfa'] }; // RFC 8176 §2
      Object.assign(ctx.session, { login, passkey: shown });
      ctx.state.user = { ...user, login };
      Object.assign(ctx.state, { hasShownPasskey: true });
    }
    await next();
  };
}

/**
 * If the passkey of a login was removed, the login counts as one by password alone. Otherwise a thief who has used the passkey would keep both factors, and
 * could add another passkey.
 */
export function withoutRemoved(passkeys: Passkeys): Middleware<PageState, WithSession> {
  return async (ctx, next) => {
    const { session, state } = ctx;
    const { user } = state;
    if (session && user?.login?.acr === PASSKEY_ACR) {
      const isThere = (await passkeys.list(user)).some(({ id }) => id === session.passkey);
      if (!isThere) {
        session.login = { ...user.login, acr: ACR, amr: ['pwd'] };
        state.user = { ...user, login: session.login };
      }
    }
    await next();
  };
}

/** The page of a request that needs a passkey. */
export async function questionFor(
  ctx: Context,
  passkeys: Passkeys,
  asked: { readonly transactionID: string; readonly clientName: string; readonly user: User },
): Promise<string> {
  const options =
    (await passkeys.list(asked.user)).length > 0 ? await passkeys.ask(ctx, asked.user, asked.transactionID) : undefined;
  if (options) allowScript(ctx, views.PASSKEY_SCRIPT);
  return views.passkeyQuestion({ ...asked, options, ...(ctx.query['failed'] === 'yes' && { problem: FAILED }) });
}

/** @throws 403 if the user has to use a passkey first */
const requireProof =
  (passkeys: Passkeys): Middleware<PageState, WithSession> =>
  async (ctx, next) => {
    if (!(await passkeys.mayChange(userOf(ctx)))) ctx.throw(403);
    await next();
  };

/** The model of the list, with the WebAuthn options to create another passkey, or to use one first. */
async function modelOf(ctx: Context & WithSession, user: User, passkeys: Passkeys) {
  const known = (await passkeys.list(user)).map(({ id, since }) => ({ id, since: new Date(since * 1000) }));
  const shared = { user, csrf: csrfOf(ctx), passkeys: known };
  if (await passkeys.mayChange(user))
    return { ...shared, due: 'make', options: await passkeys.offer(ctx, user) } as const;
  return { ...shared, due: 'show', options: await passkeys.ask(ctx, user, PAGE) } as const;
}

export function passkeyPages(passkeys: Passkeys, requireUser: RequireUser): PageRouter {
  const router = new Router<PageState, WithSession>();
  const show = async (ctx: Context & WithSession, user: User, problem?: string): Promise<void> => {
    allowScript(ctx, views.PASSKEY_SCRIPT);
    ctx.body = views.passkeys({ ...(await modelOf(ctx, user, passkeys)), problem });
  };
  const proved = requireProof(passkeys);
  /** Answers by a redirect, so that Back and Reload in a browser do not send the form again. */
  const showFailed = (ctx: Context): void => seeOther(ctx, `${PAGE}?failed=yes`);
  router.get(PAGE, requireUser, (ctx) => show(ctx, userOf(ctx), ctx.query['failed'] === 'yes' ? FAILED : undefined));
  router.post(PAGE, requireUser, proved, async (ctx) => {
    const answer = requireOwnForm(ctx).get('answer') ?? '';
    if (await passkeys.add(ctx, userOf(ctx), answer)) return seeOther(ctx, PAGE);
    return showFailed(ctx);
  });
  router.post(`${PAGE}/remove`, requireUser, proved, async (ctx) => {
    await passkeys.remove(userOf(ctx), requireOwnForm(ctx).get('id') ?? '');
    seeOther(ctx, PAGE);
  });
  router.post(`${PAGE}/show`, requireUser, answersQuestion(passkeys, PAGE), async (ctx) => {
    if (await passkeys.mayChange(userOf(ctx))) return seeOther(ctx, PAGE);
    return showFailed(ctx);
  });
  return router;
}
