/** An OpenID Provider on a port of its own, for relying parties that nobody here wrote. Whoever comes to its login page is logged in as alice. */
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import session from 'koa-session';
import {
  createServer,
  exchange,
  grant,
  jwks,
  type LogoutState,
  logout,
  metadata,
  openid,
  pkce,
  type Transaction,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import { publicFetch } from 'koauthorize/extending';
import { keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import type { Registered } from './client-auth.js';
import { type Forging, forger } from './forger.js';
import { serve } from './interop-server.js';
import { rsaKey } from './openid-server.js';

export const ALICE = {
  name: 'Alice Adams',
  preferred_username: 'alice',
  email: 'alice@op.example',
  email_verified: true,
} as const;

interface User {
  readonly id: string;
  readonly authenticatedAt: number;
  readonly sessionID: string;
}

interface Parts {
  readonly clients: readonly Registered[];
  readonly origins: readonly string[];
  readonly forging: Forging;
  readonly errors: string[];
}

const seconds = (): number => Math.floor(Date.now() / 1000);

async function serverAt(issuer: string, { clients, origins }: Parts) {
  const keys = await keySet({ signing: await rsaKey() });
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const tokens = tokenService<Registered, User>({ store: memoryStore() });
  const authenticationEvent = ({ authenticatedAt, sessionID }: User) => ({ authenticatedAt, sessionID });
  const allowOrigins = origins;
  const server = createServer<Registered, User>({
    issuer,
    clients: { find },
    keys,
    tokens,
    authenticationEvent,
    allowOrigins,
  })
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce({ allowMissing: (client) => client['cannot_pkce'] === true }))
    .extend(jwks())
    .extend(openid({ findUser: (id) => ({ id, authenticatedAt: 0, sessionID: '' }), claims: () => ALICE }))
    .extend(
      logout({
        end(ctx) {
          ctx['session'] = null;
        },
        fetch: publicFetch({ allowLoopback: true }),
      }),
    )
    .extend(metadata());
  const authenticateClient = clientAuthentication<Registered>({
    find,
    methods: [clientSecretBasic(), clientSecretPost(), none()],
  });
  server.extend(authenticateClient);
  return { server, authenticateClient };
}

const user: Middleware = (ctx: Context, next: Next) => {
  ctx.state['user'] = ctx['session'].user;
  return next();
};

/** What a person who is not logged in sees last: `prompts` says that it is the login. */
const toLogin: Middleware = (ctx) => ctx.redirect(`/login?transaction_id=${ctx.state['oauth2'].transactionID}`);

const loggedOut: Middleware<LogoutState<Registered>> = (ctx) => {
  const { id, isOver } = ctx.state.logout;
  ctx.body = { isOver, id };
};

/** Sessions that stay at the server. */
function sessionStore() {
  const sessions = new Map<string, object>();
  return {
    get: async (key: string) => sessions.get(key),
    set: async (key: string, value: object) => void sessions.set(key, value),
    destroy: async (key: string) => void sessions.delete(key),
  };
}

async function application(issuer: string, parts: Parts): Promise<Koa> {
  const { server, authenticateClient } = await serverAt(issuer, parts);
  const immediate = (txn: Transaction<Registered, User>) => txn.user !== undefined; // alice has consented before
  const router = new Router();
  router.all('/authorize', user, server.authorization({ immediate }) as Middleware, toLogin);
  router.get('/authorize/resume', user, server.resume(immediate) as Middleware, toLogin);
  router.get('/login', async (ctx) => {
    const logIn = () => {
      ctx['session'].user = { id: 'alice', authenticatedAt: seconds(), sessionID: randomUUID() };
    };
    const transactionID = String(ctx.query['transaction_id']);
    const goesOn = await server.renewSession(ctx, logIn, { transactionID, done: ['login'] });
    ctx.redirect(`/authorize/resume?transaction_id=${goesOn}`);
  });
  router.get('/who', user, (ctx) => {
    ctx.body = { user: ctx.state['user']?.id ?? null };
  });
  router.all('/logout', user, server.route('end_session'), loggedOut as Middleware);
  router.all('/logout/decision', user, server.route('end_session_decision'), loggedOut as Middleware);
  server.mount(router, { authenticateClient });

  const koa = new Koa();
  koa.keys = ['a key for tests'];
  koa.on('error', (error: Error) => parts.errors.push(String(error.cause ?? error)));
  const sessions = session({ key: 'op', store: sessionStore() }, koa);
  return koa.use(forger(parts.forging)).use(sessions).use(server.errorHandler()).use(router.routes());
}

export interface Provider {
  readonly issuer: string;
  /** Clients that are added later are registered, too. */
  readonly clients: Registered[];
  /** Origins whose scripts may call the endpoints. */
  readonly origins: string[];
  readonly forging: Forging;
  /** What Koa's `error` event told. */
  readonly errors: string[];
}

export async function startProvider(): Promise<Provider> {
  const parts = { clients: [], origins: [], forging: { done: 0 }, errors: [] };
  const issuer = await serve((url) => application(url, parts));
  return { issuer, ...parts };
}
