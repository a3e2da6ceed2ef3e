/** Sessions, login and pages of the applications: their own, and the same before and after. */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Context, Middleware, Next } from 'koa';
import session from 'koa-session';
import { matches, sessions, users } from './database.js';
import { required } from './settings.js';

const store = {
  get: async (id: string) => sessions.get(id),
  set: async (id: string, value: object) => void (await sessions.put(id, value)),
  destroy: async (id: string) => void (await sessions.remove(id)),
};

/** koa-session, with the key that its cookies have always been signed with. */
export function withSessions(koa: Koa): Middleware {
  koa.keys = [required('SESSION_KEY')];
  return session({ key: 'application', store, maxAge: 30 * 24 * 60 * 60 * 1000 }, koa);
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function hidden(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join('');
}

/** Lets on who is logged in, as `ctx.state.user`; sends others to the login page. */
export async function login(ctx: Context, next: Next): Promise<void> {
  const user = users.get(ctx['session']?.['userID'] ?? '');
  if (!user) return ctx.redirect(`/login?to=${encodeURIComponent(ctx.url)}`);
  ctx.state['user'] = user;
  await next();
}

export function consentPage(ctx: Context, client: string, fields: Readonly<Record<string, string>>): void {
  ctx.type = 'html';
  ctx.body = `<form method="post" action="/authorize/decision"><p>May ${escaped(client)} use your account?</p>${hidden(fields)}
<button>Allow</button><button name="cancel" value="yes">Deny</button></form>`;
}

function ownPath(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/';
}

export const loginRoutes: Router = new Router()
  .get('/login', (ctx) => {
    ctx.type = 'html';
    ctx.body = `<form method="post" action="/login"><input name="id"><input name="password" type="password">${hidden({ to: String(ctx.query['to'] ?? '') })}<button>Log in</button></form>`;
  })
  .post('/login', (ctx) => {
    const { id, password, to } = ctx.request.body as Readonly<Record<string, unknown>>;
    const user = users.get(String(id));
    if (!user || !matches(String(password), user.passwordHash)) return ctx.throw(403, 'Wrong name or password');
    if (ctx['session']) ctx['session'].userID = user.id;
    ctx.redirect(ownPath(to));
  });
