/**
 * An authorization server, whole: koauthorize on Koa, with a login, a consent dialog and an API. `npm start` runs it.
 *
 * auth.ts says who is who, login.ts has the pages around the protocol, data.ts is the memory, scopes.ts what clients may ask
 * for, views.ts draws. client.ts is an application that connects to the server.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import type { OAuth2State, TokenRequest } from 'koauthorize';
import { createServer, exchange, grant, issuer, metadata, pkce, scopes, TokenError } from 'koauthorize';
import { authentication } from './auth.js';
import { demo, registration } from './client.js';
import { type Access, type App, type Granted, openData, type User } from './data.js';
import { loginPages, type WithSession } from './login.js';
import { scopes as meanings } from './scopes.js';
import * as views from './views.js';

/** @param url where browsers and clients find the server; also its issuer identifier */
export async function quickstart(url: string): Promise<Koa> {
  const data = await openData([registration(url)]);
  const auth = authentication(data);

  // The authorization server: what it can do, and how codes and tokens are made.
  const server = createServer<App, User>();
  server.serializeClient((client) => client.client_id);
  server.deserializeClient((id) => data.findClient(id));
  const issue = (granted: Granted, { scope = granted.scope }: TokenRequest<App>) => ({
    access_token: data.accessTokens.put({ ...granted, scope }),
    expires_in: 600,
    refresh_token: data.refreshTokens.put(granted),
  });
  server.grant(
    grant.code({
      issue: ({ user }, authorization) =>
        user && data.codes.put({ ...authorization, id: randomUUID(), userID: user.id }),
    }),
  );
  server.exchange(exchange.code({ redeem: (code) => data.codes.take(code), issue }));
  server.exchange(exchange.refreshToken({ redeem: (token) => data.refreshTokens.take(token), issue }));
  server.exchange(
    exchange.clientCredentials((client, scope) => {
      if (scope) throw new TokenError('All scopes are about a user, and here is none', 'invalid_scope');
      return [data.accessTokens.put({ clientID: client.client_id, scope: [] }), { expires_in: 600 }];
    }),
  );
  server
    .extend(pkce())
    .extend(issuer(url))
    .extend(scopes([...meanings.keys()], { default: ['profile'] }));

  const app = new Koa();
  app.proxy = url.startsWith('https:'); // then something in front of us speaks TLS
  app.keys = [randomBytes(32).toString('hex')];
  const form = bodyParser({ enableTypes: ['form'] });

  // For people: a session, and pages. Errors are pages too, where they cannot go to the client.
  const pages = new Router<OAuth2State<App, User>, WithSession>();
  pages.use(session({ key: 'quickstart', sameSite: 'lax', store: data.sessions }, app));
  pages.use(views.errorPage, server.errorHandler({ mode: 'indirect' }), form, ...auth.session);
  pages.get(
    '/authorize',
    (ctx, next) => (ctx.state.user ? next() : ctx.redirect(`/login?return_to=${encodeURIComponent(ctx.url)}`)),
    server.authorization((clientID, redirectURI) => [data.findClient(clientID), redirectURI]),
    (ctx) => {
      ctx.body = views.consent(ctx.state.oauth2);
    },
  );
  pages.post('/authorize/decision', server.decision());
  pages.use(loginPages(data).routes());

  // For programs: no session, and errors as JSON.
  const programs = new Router<{ user: Access }>();
  programs.use(server.errorHandler(), form);
  programs.post('/token', auth.client, server.token());
  programs.get(
    '/.well-known/oauth-authorization-server',
    server.endpoint(
      metadata({
        authorization_endpoint: '/authorize',
        token_endpoint: '/token',
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      }),
    ),
  );
  programs.get('/api/me', auth.token, (ctx) => {
    const { clientID, scope, userID } = ctx.state.user;
    const user = data.findUser(userID);
    ctx.body = {
      client: clientID,
      ...(user && scope.includes('profile') && { name: user.name }),
      ...(user && scope.includes('email') && { email: user.email }),
    };
  });

  app.use(views.headers).use(pages.routes()).use(programs.routes()).use(demo(url).routes());
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env['PORT'] || 3000);
  const url = process.env['ISSUER']?.replace(/\/$/, '') || `http://localhost:${port}`;
  const listening = (await quickstart(url)).listen(port, () => {
    console.log(`${url} is ready: log in as alice, with the password wonderland`);
  });
  listening.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`Port ${port} is taken. Choose another: PORT=${port + 1} npm start`);
    process.exitCode = 1;
  });
}
