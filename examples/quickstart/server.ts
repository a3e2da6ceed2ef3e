/**
 * A complete authorization server: koauthorize on Koa, with a login, a consent dialog and an API. `npm start` runs it.
 *
 * auth.ts authenticates users, clients and calls of the API, throttle.ts limits guesses of secrets, login.ts has the start page, login and logout,
 * data.ts keeps users, clients and sessions in memory, scopes.ts lists the scopes, views.ts makes the HTML. client.ts is an application that
 * connects to the server.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import type { OAuth2State } from 'koauthorize';
import {
  createServer,
  exchange,
  grant,
  introspection,
  metadata,
  pkce,
  requestTarget,
  revocation,
  scopes,
} from 'koauthorize';
import type { BearerState } from 'koauthorize/resource-server';
import { lmdbStore, type TokenStore, tokenService, type VerifiedToken } from 'koauthorize/tokens';
import { authentication } from './auth.js';
import { demo, registration } from './client.js';
import { type App, apiRegistration, openData, resourceServer, SESSION_COOKIE, type User } from './data.js';
import { loginPages, requireUser, type WithSession } from './login.js';
import { scopes as meanings } from './scopes.js';
import * as views from './views.js';

/**
 * @param url the URL at which browsers and clients find the server; also its issuer identifier
 * @param store where codes and tokens are kept
 */
export async function quickstart(url: string, store: TokenStore): Promise<Koa> {
  const data = await openData([registration(url), apiRegistration]);
  const tokens = tokenService<App, User>({ store, lifetimes: { accessToken: 900 } });

  // The authorization server: its grants, exchanges and extensions.
  const server = createServer<App, User>({ issuer: url, tokens, clients: { find: data.findClient } });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce())
    .extend(scopes([...meanings.keys()], { default: ['profile'] }));
  const auth = authentication(data, server, tokens);

  const app = new Koa();
  app.proxy = url.startsWith('https:'); // with https, a proxy in front of this server terminates TLS,
  app.maxIpsCount = 1; // and adds the address of the browser as the last one: addresses before it may be forged by the browser
  app.keys = [randomBytes(32).toString('hex')];
  const form = bodyParser({ enableTypes: ['form'] });

  // Routes for browsers: with a session, and HTML pages. An error that cannot be sent to the client is a page, too.
  const pages = new Router<OAuth2State<App, User>, WithSession>();
  pages.use(session({ key: SESSION_COOKIE, sameSite: 'lax', store: data.sessions }, app));
  pages.use(views.errorPage, server.errorHandler({ mode: 'indirect' }), form, ...auth.session);
  pages.get('/authorize', requireUser, server.authorization(), (ctx) => {
    ctx.body = views.consent(ctx.state.oauth2);
  });
  pages.post('/authorize/decision', server.decision());
  pages.use(loginPages(data).routes());

  // Routes for programs: without a session, and with errors as JSON.
  const programs = new Router<BearerState<VerifiedToken>>();
  programs.use(server.errorHandler());
  programs.post('/token', auth.client, server.token());
  programs.post('/introspect', auth.client, server.endpoint(introspection(tokens.introspect, { resourceServer })));
  programs.post('/revoke', auth.client, server.endpoint(revocation(tokens.revoke)));
  programs.all('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
  programs.get('/api/me', auth.token, (ctx) => {
    const { clientID, scope, subject } = ctx.state.token;
    const user = data.findUser(subject);
    ctx.body = {
      client: clientID,
      ...(user && scope.includes('profile') && { name: user.name }),
      ...(user && scope.includes('email') && { email: user.email }),
    };
  });

  app.use(requestTarget()).use(views.headers).use(pages.routes()).use(programs.routes()).use(demo(url).routes());
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env['PORT'] || 3000);
  const url = process.env['ISSUER']?.replace(/\/$/, '') || `http://localhost:${port}`;
  const store = lmdbStore({ path: process.env['DATA'] || join(import.meta.dirname, 'data') });
  const listening = (await quickstart(url, store)).listen(port, () => {
    console.log(`${url} is ready: log in as alice, with the password wonderland`);
  });
  listening.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`Port ${port} is taken. Choose another: PORT=${port + 1} npm start`);
    process.exitCode = 1;
  });
}
