/** One process of the authorization server: the whole of Koa and the toolkit but for the socket, so that nothing takes time. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import compose from 'koa-compose';
import { exchange, grant, introspection, pkce, revocation } from 'koauthorize';
import { type TokenEvent, type TokenStore, tokenService } from 'koauthorize/tokens';
import {
  type App,
  authenticateClient,
  authorizationServer,
  CHALLENGE,
  CLIENT,
  OTHER,
  redirected,
  type User,
} from '../support/authorization-server.js';
import { API, EVENTS } from '../support/token-server.js';
import { LIFETIMES } from './family.js';
import { current } from './stage.js';

export const CLIENTS: readonly App[] = [CLIENT, OTHER, API];

export interface ProcessOptions {
  readonly store: TokenStore;
  readonly grace: number;
  now(): number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly location: string;
}

const SOCKET = new Socket();

/** What an event tells, in a line. Times and reasons are left out. */
function lineOf(name: string, event: object): string {
  const { kinds, kind, active, again, scope, ...whose } = event as Readonly<Record<string, unknown>>;
  const words = Array.isArray(scope) ? scope.join(' ') : undefined;
  return [
    name,
    kinds ?? kind ?? active,
    again && 'again',
    words,
    whose['clientID'],
    whose['subject'],
    whose['authorizationID'],
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

export function startProcess({ store, grace, now }: ProcessOptions) {
  const tokens = tokenService<App, User>({ store, grace, now, lifetimes: LIFETIMES });
  for (const name of EVENTS)
    tokens.events.on(name, (event: TokenEvent) => current.getStore()?.events.push(lineOf(name, event)));

  const authenticate = authenticateClient(CLIENTS);
  const { app } = authorizationServer({
    clients: CLIENTS,
    session: false,
    authorization: (server) =>
      server.authorization(
        (id, uri) => [CLIENTS.find((c) => c.client_id === id), uri],
        () => true,
      ),
    plug: (server) =>
      server
        .grant(grant.code(tokens.code))
        .exchange(exchange.code(tokens.code))
        .exchange(exchange.refreshToken(tokens.refreshToken))
        .extend(pkce()),
    routes(router, server) {
      const resourceServer = ({ client_id }: App) => client_id === API.client_id;
      router.all('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, { resourceServer })));
      router.all('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));
    },
  });
  const run = compose(app.middleware);

  async function request(method: string, url: string, headers: Record<string, string>, body?: object): Promise<Answer> {
    const message = Object.assign(new IncomingMessage(SOCKET), { method, url, headers });
    const ctx = app.createContext(message, new ServerResponse(message));
    if (body) Object.assign(ctx.request, { body });
    await run(ctx, async () => {});
    const plain: unknown = ctx.response.is('json') ? JSON.parse(String(ctx.body)) : null;
    return { status: ctx.status, body: plain, location: String(ctx.response.get('Location') ?? '') };
  }

  return {
    tokens,
    /** A form that a client posts. */
    post(path: string, clientID: string, form: Readonly<Record<string, string | undefined>>): Promise<Answer> {
      const authorization = `Basic ${Buffer.from(`${clientID}:${clientID}-secret`).toString('base64')}`;
      return request('POST', path, { authorization, 'content-type': 'application/x-www-form-urlencoded' }, form);
    },
    /** A user who allows a client what it asks for. */
    async authorize(
      { client_id, redirect_uris }: App,
      user: string,
      scope: string,
    ): Promise<Readonly<Record<string, string>>> {
      const [redirect_uri = ''] = redirect_uris;
      const pkceParams = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      const query = new URLSearchParams({ response_type: 'code', client_id, redirect_uri, scope, ...pkceParams });
      const { location } = await request('GET', `/authorize?${query}`, { 'x-user': user });
      return redirected({ headers: { location } });
    },
  };
}

export type Process = ReturnType<typeof startProcess>;
