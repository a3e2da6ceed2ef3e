/**
 * An authorization server of many processes, on one machine or on many. They share a database and nothing else, so that any of them
 * can go on with what another began, or end without anybody noticing.
 *
 *     DATABASE_URL=postgres://… npx tsx examples/many-machines/server.ts
 *     REDIS_URL=redis://… npx tsx examples/many-machines/server.ts
 *
 * On several machines each is started with the same database, and the same KEYS and ISSUER. database.ts says what is asked of the
 * database, postgres.ts and redis.ts do it; sessions.ts and transactions.ts keep there what would else be in one process's memory;
 * processes.ts starts WORKERS processes behind one PORT.
 */
import { createHash } from 'node:crypto';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import { createServer, exchange, grant, issuer, type OAuth2State, pkce, scopes } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { tokenService } from 'koauthorize/tokens';
import { ALICE, type App, DEMO, openClients, type User } from './data.js';
import type { Database } from './database.js';
import * as pages from './pages.js';
import { postgres } from './postgres.js';
import { processes } from './processes.js';
import { redis } from './redis.js';
import { sharedSessions } from './sessions.js';
import { sharedTransactions } from './transactions.js';

interface WithSession {
  session: { user?: string; regenerate?(): Promise<void> };
}

/** What the demo client asks for. */
function authorizationRequest(url: string): URL {
  const request = new URL('/authorize', url);
  request.search = new URLSearchParams({
    response_type: 'code',
    client_id: DEMO.client_id,
    redirect_uri: `${url}/callback`,
    scope: 'postcards',
    code_challenge: createHash('sha256').update(DEMO.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return request;
}

/** @param keys sign the session's cookie: all processes have the same */
function authorizationServer(url: string, database: Database, keys: string[]): Koa {
  const clients = openClients(url);
  const tokens = tokenService<App, User>({ store: database.tokens });
  const authenticateClient = clientAuthentication<App>({
    find: clients.find,
    methods: [clientSecretBasic({ compare: clients.isSecretOf })],
  });
  const server = createServer<App, User>({ transactions: sharedTransactions(database) });
  server.serializeClient((client) => client.client_id);
  server.deserializeClient((id) => clients.find(id));
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce())
    .extend(issuer(url))
    .extend(authenticateClient)
    .extend(scopes(['postcards'], { default: ['postcards'] }));

  const app = new Koa();
  app.proxy = url.startsWith('https:'); // then something in front of us speaks TLS
  app.keys = keys;
  app.use((ctx, next) => {
    ctx.set('X-Process', `${process.pid}`);
    return next();
  });
  // Before the session, unlike elsewhere: a database that is away is an error of the session, too; and no transaction is in it.
  app.use(server.errorHandler());

  const people = new Router<OAuth2State<App, User>, WithSession>();
  people.use(session({ key: 'many-machines', sameSite: 'lax', store: sharedSessions(database) }, app));
  people.use((ctx, next) => {
    if (ctx.session.user === ALICE.id) ctx.state.user = ALICE;
    return next();
  });
  people.get('/login', (ctx) => {
    ctx.body = pages.login(ctx.search);
  });
  // Whoever asks is Alice: the quickstart has a real login.
  people.post('/login', async (ctx) => {
    ctx.session = { user: ALICE.id };
    await ctx.session.regenerate?.(); // who gave this browser its session's key is not logged in, too
    ctx.status = 303;
    ctx.redirect(`/authorize${ctx.search}`);
  });
  people.get(
    '/authorize',
    (ctx, next) => (ctx.state.user ? next() : ctx.redirect(`/login${ctx.search}`)),
    server.authorization((clientID, redirectURI) => [clients.find(clientID), redirectURI]),
    (ctx) => {
      ctx.body = pages.consent(ctx.state.oauth2);
    },
  );
  people.post('/authorize/decision', server.decision());

  const programs = new Router<BearerState>();
  programs.post('/token', authenticateClient, server.token());
  programs.get('/me', bearer({ verify: tokens.verify }), (ctx) => {
    const { subject, clientID, scope } = ctx.state.token;
    ctx.body = { subject, client: clientID, scope };
  });
  programs.get('/', (ctx) => {
    ctx.body = pages.home(authorizationRequest(url));
  });
  programs.get('/callback', (ctx) => {
    ctx.body = pages.callback(url, new URLSearchParams(ctx.search).get('code') ?? '');
  });
  app.use(people.routes()).use(programs.routes());
  return app;
}

const { DATABASE_URL, REDIS_URL, ISSUER, NAME, PORT, WORKERS } = process.env;
const port = Number(PORT || 3000);
const url = ISSUER?.replace(/\/$/, '') || `http://localhost:${port}`;
const name = NAME || 'many_machines'; // of its tables, or what its keys begin with

async function serve(keys: string[]): Promise<void> {
  const database = DATABASE_URL ? await postgres(DATABASE_URL, name) : await redis(REDIS_URL ?? '', name);
  authorizationServer(url, database, keys).listen(port);
}

if (DATABASE_URL || REDIS_URL) {
  await processes(Number(WORKERS || 2), serve, () => console.log(`${url} is ready`));
} else {
  console.error('Set DATABASE_URL to a PostgreSQL, or REDIS_URL to a Redis, for the processes to share.');
  process.exitCode = 1;
}
