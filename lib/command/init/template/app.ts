/** The application of a new project. */
export const app = `/** The authorization server, the pages for its users, and an API. */
import Router from '@koa/router';
import Koa⟦, { type Context, type Next }⟧ from 'koa';
import session from 'koa-session';
import {
  createServer,
  exchange,
  grant,
  introspection,
  metadata,
  OAuth2Error,
⟦  type OAuth2State,
⟧  pkce,
  requestTarget,
  revocation,
  scopes,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, matchesClientSecret, none } from 'koauthorize/client-auth';
import { ⟦type BearerState, ⟧bearer, requireScope } from 'koauthorize/resource-server';
import { storedTransactions, tokenService⟦, type VerifiedToken⟧ } from 'koauthorize/tokens';
import * as login from './login.js';
import * as pages from './pages.js';
import { ⟦type App, ⟧findApp, findUser⟦, type User⟧ } from './people.js';
⟦import type { Storage } from './storage.js';
⟧import { clientThrottle } from './throttle.js';
⟦
interface Options {
  /** The URL at which browsers and clients find the server. */
  readonly issuer: string;
  readonly storage: Storage;
  /** The keys that sign the cookies, the newest first. */
  readonly keys: readonly string[];
}
⟧
/** Shows errors that cannot be sent to a client. */
async function errorPage(ctx⟦: Context⟧, next⟦: Next⟧) {
  try {
    await next();
  } catch (error) {
    const isShown = error instanceof OAuth2Error && error.expose;
    const status = Number(Object(error).status); // body parsers and ctx.throw() set it, so that a bad request is not reported as an error of the server
    ctx.status = status >= 400 && status < 600 ? status : 500;
    ctx.type = 'html';
    ctx.body = pages.problem('This did not work', isShown ? error.message : ctx.status < 500 ? 'Your browser sent what we did not expect.' : 'That was our fault. Please try again.');
    ctx.app.emit('error', error, ctx); // for the operator
  }
}

async function headers(ctx⟦: Context⟧, next⟦: Next⟧) {
  ctx.set('Content-Security-Policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cache-Control', 'no-store');
  await next();
}

export function createApp({ issuer, storage, keys }⟦: Options⟧)⟦: Koa⟧ {
  const tokens = tokenService⟦<App, User>⟧({ store: storage.tokens, lifetimes: { accessToken: 900 } });
  const transactions = storedTransactions(storage.tokens); // stored, so that any of several processes can answer a dialog, and only one does
  const server = createServer⟦<App, User>⟧({ issuer, tokens, clients: { find: findApp }, transactions });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce())
    .extend(scopes([...pages.SCOPES.keys()], { default: ['profile'] }));
  const compare = (secret⟦: string⟧, app⟦: App⟧) => matchesClientSecret(secret, app.secret_hash);
  const methods = [clientSecretBasic({ compare }), none⟦<App>⟧()];
  const client = clientAuthentication⟦<App>⟧({ server, methods, throttle: clientThrottle() });

  const app = new Koa();
  app.keys = [...keys];
  app.proxy = issuer.startsWith('https:'); // a proxy in front of this process terminates TLS,
  app.maxIpsCount = 1; // and adds the address of the browser as the last one

  // for browsers: with a session, and pages
  const browsers = new Router⟦<OAuth2State<App, User>, login.WithSession>⟧();
  browsers.use(session({ key: 'session', sameSite: 'lax', maxAge: 12 * 3600 * 1000, store: storage.sessions }, app));
  browsers.use(errorPage, server.errorHandler({ mode: 'indirect' }), login.withUser);
  browsers.get('/authorize', login.requireUser, server.authorization(), (ctx) => {
    ctx.type = 'html';
    ctx.body = pages.consent(ctx.state.oauth2);
  });
  browsers.post('/authorize/decision', server.decision());
  browsers.use(login.loginPages().routes());

  // for programs: without a session, and with errors as JSON
  const programs = new Router⟦<BearerState<VerifiedToken>>⟧();
  programs.use(server.errorHandler());
  programs.post('/token', client, server.token());
  programs.post('/introspect', client, server.endpoint(introspection(tokens.introspect)));
  programs.post('/revoke', client, server.endpoint(revocation(tokens.revoke)));
  programs.all('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
  programs.get('/api/me', bearer({ verify: tokens.verify }), requireScope('profile'), (ctx) => {
    const { clientID, subject } = ctx.state.token;
    ctx.body = { client: clientID, name: findUser(subject)?.name };
  });

  app.use(headers).use(requestTarget()).use(browsers.routes());
  app.use(programs.routes());
  return app;
}
`;
