/**
 * The authorization server of an MCP server: it logs users in, asks for their consent, and issues tokens. The pages and the login are minimal: write your own.
 */
import { randomBytes } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import session from 'koa-session';
import {
  type Client,
  type ClientIDMetadataOptions,
  clientFacts,
  createServer,
  exchange,
  grant,
  type OAuth2State,
  revocation,
} from 'koauthorize';
import { clientAuthentication, none, privateKeyJwt } from 'koauthorize/client-auth';
import { mcpProfile } from 'koauthorize/profile/mcp';
import { memoryStore, type TokenService, tokenService } from 'koauthorize/tokens';
import { csrfOf } from '../quickstart/csrf.js';
import { guessLimit } from '../quickstart/throttle.js';

export interface User {
  readonly id: string;
}
export interface App extends Client {
  readonly client_name?: string;
}
type WithSession = Context & { session: { user?: string } | null };

const USERS = new Map([['alice', 'wonderland']]);

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const page = (title: string, body: string): string =>
  `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}`;

function loginForm(ctx: Context, back: string, problem = ''): string {
  return page(
    'Log in',
    `<p role="alert">${escaped(problem)}</p>
<form method="post" action="/login"><input type="hidden" name="csrf" value="${csrfOf(ctx)}"><input type="hidden" name="back" value="${escaped(back)}">
<label>User <input name="user"></label> <label>Password <input name="password" type="password"></label> <button>Log in</button></form>`,
  );
}

/** Shows the login form to users who are not logged in. The form leads back to the request. */
const login: Middleware = async (ctx, next) => {
  const { session: kept } = ctx as WithSession;
  if (kept?.user !== undefined) {
    ctx.state['user'] = { id: kept.user } satisfies User;
    return next();
  }
  ctx.body = loginForm(ctx, ctx.url);
};

/** The consent dialog. It shows the verified facts of the client together with its own claims. */
function dialog(txn: OAuth2State<App, User>['oauth2']): string {
  const { client, req, transactionID } = txn;
  const { clientHost, redirectHost, isLocalOnly } = clientFacts(txn);
  const name = escaped(client.client_name ?? client.client_id);
  return page(
    `Connect ${name}?`,
    `<p>It comes from <b>${escaped(clientHost ?? 'this server')}</b>, and the answer goes to <b>${escaped(redirectHost)}</b>.</p>
${isLocalOnly ? '<p role="alert">Any program on this device can pass for it: go on only if you have just started it.</p>' : ''}
<p>It will be able to: ${escaped(req.scope?.join(', ') || 'nothing')}</p>
<form method="post" action="/authorize/decision"><input type="hidden" name="transaction_id" value="${transactionID}">
<button name="cancel" value="yes">Deny</button> <button>Allow</button></form>`,
  );
}

/**
 * @param url the URL of the server, which is its issuer
 * @param resource the MCP server
 * @param documents options for clients with a document, which nobody has registered
 */
export function authorizationServer(
  url: string,
  resource: string,
  documents: ClientIDMetadataOptions<App> = {},
): { readonly app: Koa; readonly tokens: TokenService<App, User> } {
  const tokens = tokenService<App, User>({ store: memoryStore() }); // in production lmdbStore, postgresStore or redisStore
  // MCP hosts on the user's machine listen at http://localhost/..., on any free port
  const server = createServer<App, User>({ issuer: url, tokens, allowOrigins: '*', anyPortForLocalhost: true });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(revocation(tokens.revoke)) // for clients that are removed, so that they can revoke their refresh token
    .extend(...mcpProfile<App, User>({ resource, scopes: ['notes:read', 'notes:write'], documents }));
  const authenticateClient = clientAuthentication<App>({ server, methods: [none(), privateKeyJwt()] });

  const router = new Router<OAuth2State<App, User>>();
  router.get('/authorize', login, server.authorization(), (ctx) => {
    ctx.body = dialog(ctx.state.oauth2);
  });
  router.post('/authorize/decision', login, server.decision());
  server.mount(router, { authenticateClient });

  const app = new Koa();
  app.keys = [randomBytes(32).toString('hex')];
  app.use(session({ key: 'mcp', sameSite: 'lax' }, app)).use(server.errorHandler());
  app.use(loginPage().routes()).use(router.routes());
  return { app, tokens };
}

function loginPage(): Router {
  const router = new Router();
  const guesses = guessLimit();
  router.get('/login', (ctx) => {
    ctx.body = loginForm(ctx, '/');
  });
  router.post('/login', bodyParser({ enableTypes: ['form'] }), async (ctx) => {
    const fields = Object.entries(Object(ctx.request.body)).map(([name, value]) => [name, String(value)] as const);
    const { csrf, user = '', password = '', back = '' }: Record<string, string> = Object.fromEntries(fields);
    const again = (status: number, problem: string): void => {
      ctx.status = status;
      ctx.body = loginForm(ctx, back, problem);
    };
    // without this check, another site could log this browser in as the attacker's user, and the user at the browser would connect their program to the
    // attacker's account
    if (csrf !== csrfOf(ctx)) return again(403, 'This page was open for too long. Please log in again.');
    const wait = await guesses.count(user, ctx.ip);
    if (wait !== undefined) {
      ctx.set('Retry-After', `${wait}`);
      return again(429, 'That was tried too often. Please wait a minute.');
    }
    if (USERS.get(user) !== password) return again(403, 'Wrong user or password');
    await guesses.forget(user, ctx.ip);
    (ctx as unknown as WithSession).session = { user };
    ctx.status = 303;
    ctx.redirect(/^\/authorize\?/.test(back) ? back : '/');
  });
  return router;
}
