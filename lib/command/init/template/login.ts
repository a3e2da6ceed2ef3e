/** The login of a new project. */
export const login = `/** Logs users in and out. */
import { createHash, randomBytes } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
⟦import type { Context, Next } from 'koa';
⟧import * as pages from './pages.js';
import { checkPassword, findUser⟦, type User⟧ } from './people.js';
import { guessLimit } from './throttle.js';

⟦export interface Session {
  user?: string;
  regenerate(): Promise<void>;
}
export interface WithSession {
  session: Session | null;
}

⟧/** A token for forms, so that no other site can send them (CSRF): the hash of a cookie of this browser. */
function csrfOf({ cookies }⟦: Pick<Context, 'cookies'>⟧)⟦: string⟧ {
  const known = cookies.get('form');
  const secret = known ?? randomBytes(32).toString('base64url');
  if (!known) cookies.set('form', secret, { sameSite: 'lax' });
  return createHash('sha256').update(secret).digest('base64url');
}

/** A path on this server: any other URL could be the site of an attacker. */
const localPath = (path⟦: unknown⟧) => (typeof path === 'string' && /^\\/\\w/.test(path) ? path : '/');

/** Sets \`ctx.state.user\`, where somebody has logged in. */
export async function withUser(ctx⟦: Context & WithSession⟧, next⟦: Next⟧) {
  ctx.state['user'] = findUser(ctx.session?.user);
  await next();
}

/** Shows the login, where nobody has logged in. */
export function requireUser(ctx⟦: Context⟧, next⟦: Next⟧)⟦: unknown⟧ {
  if (ctx.state['user']) return next();
  ctx.type = 'html';
  ctx.body = pages.login(csrfOf(ctx), localPath(ctx.url));
  return undefined;
}

/** The start page, the login and the logout. */
export function loginPages() {
  const guesses = guessLimit();
  const router = new Router⟦<{ user?: User }, WithSession>⟧();
  router.use(bodyParser({ enableTypes: ['form'] }));
  router.get('/', (ctx) => {
    ctx.type = 'html';
    ctx.body = pages.home(ctx.state.user, csrfOf(ctx));
  });
  router.get('/login', (ctx) => {
    ctx.type = 'html';
    ctx.body = pages.login(csrfOf(ctx), localPath(ctx.query['return_to']));
  });
  router.post('/login', async (ctx) => {
    const form = new Map(Object.entries(Object(ctx.request.body)).map(([name, value]) => [name, String(value)]));
    const returnTo = localPath(form.get('return_to'));
    const again = (status⟦: number⟧, problem⟦: string⟧) => {
      ctx.status = status;
      ctx.type = 'html';
      ctx.body = pages.login(csrfOf(ctx), returnTo, problem);
    };
    if (form.get('csrf') !== csrfOf(ctx)) return again(403, 'This page was open for too long. Please log in again.');
    const username = form.get('username') ?? '';
    const wait = await guesses.count(username, ctx.ip);
    if (wait !== undefined) {
      ctx.set('Retry-After', \`\${wait}\`);
      return again(429, 'That was tried too often. Please wait a minute.');
    }
    const user = await checkPassword(username, form.get('password') ?? '');
    if (!user) return again(403, 'That is not a name and a password that we know.');
    await guesses.forget(username, ctx.ip);
    ctx.session = {}⟦ as Session⟧; // drop what the session held before the login,
    await ctx.session.regenerate(); // and change its key: an attacker may have planted it in this browser (session fixation)
    ctx.session.user = user.id;
    ctx.status = 303;
    ctx.redirect(returnTo);
  });
  router.post('/logout', (ctx) => {
    if (Object(ctx.request.body).csrf === csrfOf(ctx)) ctx.session = null;
    ctx.status = 303;
    ctx.redirect('/');
  });
  return router;
}
`;
