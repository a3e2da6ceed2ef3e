/** The OpenID Provider of the tests with logouts, real sessions, and clients that write down the logout tokens that they get. */
import { createServer as createHTTPServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context, Middleware, Next } from 'koa';
import compose from 'koa-compose';
import session from 'koa-session';
import { type LogoutOptions, logout } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import { CALLBACK, CLIENT, exchangeCode, OTHER, type Params, REQUEST, redirected } from './authorization-server.js';
import { encode } from './form.js';
import { type OpenIDSetup, openidServer, type Registered } from './openid-server.js';

export const AFTER = 'https://client.example/after';

export const RETURNING: Registered = { ...CLIENT, post_logout_redirect_uris: [AFTER, `${AFTER}?page=1`] };

export interface LogoutSetup extends Partial<OpenIDSetup> {
  readonly keys: KeySet;
  readonly logout?: Partial<LogoutOptions>;
  /** Behind the session, and before everything else. */
  readonly behindSession?: Middleware;
}

export function logoutServer({ keys, logout: options = {}, behindSession, ...setup }: LogoutSetup) {
  const clients: readonly Registered[] = setup.clients ?? [RETURNING, { ...OTHER }];
  const ended: string[] = [];
  const logouts = logout({
    end(ctx) {
      ended.push(ctx.state['user'].id);
      ctx['session'] = null;
    },
    ...options,
  });
  const server = openidServer({
    keys,
    ...setup,
    clients,
    session: (app) =>
      compose<Context>([
        session(app),
        ...(behindSession ? [behindSession] : []),
        (ctx: Context, next: Next) => {
          const { user } = ctx['session'];
          if (user) {
            ctx.req.headers['x-user'] = user;
            ctx.state['user'] = { id: user };
            noteLogin(ctx['session']);
          }
          return next();
        },
      ]),
    plug(server, tokens) {
      server.extend(logouts);
      setup.plug?.(server, tokens);
    },
    routes(router, server) {
      setup.routes?.(router, server);
      router.get('/login', (ctx) => {
        Object.assign(ctx['session'], ctx.query);
        noteLogin(ctx['session']);
        ctx.body = {};
      });
      const page: Middleware = (ctx) => {
        ctx.body = { page: ctx.state['logout'] };
      };
      router.all('/logout', server.route('end_session'), page);
      router.all('/logout/decision', server.route('end_session_decision'), page);
      /** Ends another session of whoever is logged in, as a list of sessions does; or all of them. */
      router.post('/sessions/:id/end', async (ctx) => {
        const { id } = ctx['params'];
        ctx.body = await logouts.endSession(ctx, {
          subject: ctx.state['user']?.id ?? '',
          ...(id !== 'all' && { sessionID: id }),
        });
      });
    },
  });
  /** How and when the user of a session logged in. */
  const noteLogin = ({ user, sid }: Readonly<Record<string, string>>): void => {
    server.logins.set(user ?? '', { authenticatedAt: server.clock.now - 5, ...(sid && { sessionID: sid }) });
  };
  const { app } = server;
  /** A browser. */
  const person = () => {
    const agent = request.agent(app.callback());
    const answer = (id: unknown, more: object = {}): Test =>
      agent
        .post('/logout/decision')
        .type('form')
        .send({ logout_id: id, ...more });
    return {
      agent,
      answer,
      async login(user = 'alice', sid: string | undefined = 'session 1') {
        server.consented.add(user);
        await agent.get('/login').query({ user, ...(sid && { sid }) });
      },
      authorize: (params: Params = {}): Test =>
        agent.get('/authorize').query(encode({ ...REQUEST, scope: 'openid', ...params })),
      /** The tokens of a client. */
      async connect(client = CLIENT, params: Params = {}) {
        const redirect_uri = client.redirect_uris[0] ?? CALLBACK;
        const query = { ...REQUEST, scope: 'openid', client_id: client.client_id, redirect_uri, ...params };
        let sent = await agent.get('/authorize').query(encode(query));
        if (sent.status === 200)
          sent = await agent.post('/decision').type('form').send({ transaction_id: sent.body.transactionID });
        const { code } = redirected(sent);
        return (await exchangeCode(app, code, { redirect_uri }, client).expect(200)).body;
      },
      logout: (params: Params = {}): Test => agent.get('/logout').query(encode(params)),
      postLogout: (params: Params = {}): Test => agent.post('/logout').type('form').send(encode(params)),
    };
  };
  return { ...server, ended, person };
}

export type LogoutServer = ReturnType<typeof logoutServer>;

/** Servers of clients, at this machine. */
export async function listening(answer: (body: URLSearchParams, count: number) => number | Promise<number>) {
  const got: URLSearchParams[] = [];
  const http = createHTTPServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = new URLSearchParams(text);
    got.push(body);
    const status = await answer(body, got.length);
    res.writeHead(status).end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const close = () => {
    http.closeAllConnections();
    http.close();
  };
  return { url: `http://127.0.0.1:${port}/logout`, got, close };
}
