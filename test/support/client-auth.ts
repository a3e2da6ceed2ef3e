/** The authorization server of the tests behind our own client authentication, by each of its doors. */
import type { Middleware } from 'koa';
import passport from 'koa-passport';
import { exchange, grant, introspection, issuer, metadata, pkce, revocation, type Server } from 'koauthorize';
import {
  type ClientAuthenticationOptions,
  ClientStrategy,
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
} from 'koauthorize/client-auth';
import request, { type Test } from 'supertest';
import {
  type App,
  authorizationServer,
  CLIENT,
  ISSUER,
  issuing,
  OTHER,
  type Setup,
  type User,
} from './authorization-server.js';

/** A client as it is registered. @see RFC 7591 §2 */
export interface Registered extends App {
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
  readonly token_endpoint_auth_signing_alg?: string;
  readonly jwks?: object;
  readonly jwks_uri?: string;
  readonly [member: string]: unknown;
}

export function client(client_id: string, more: Partial<Registered> = {}): Registered {
  return { ...CLIENT, client_id, ...more };
}

export const CONFIDENTIAL = client('client', { client_secret: 'a secret' });
export const PUBLIC = client('public', { token_endpoint_auth_method: 'none' });

export const DOORS = ['clientAuthentication', 'ClientStrategy'] as const;
export type Door = (typeof DOORS)[number];

export const METHODS = [clientSecretBasic<Registered>(), clientSecretPost<Registered>(), none<Registered>()];

export interface ClientAuthSetup extends Omit<Setup, 'clients' | 'authenticate'> {
  readonly door?: Door;
  readonly clients?: readonly Registered[];
  readonly authentication?: Partial<ClientAuthenticationOptions<Registered>>;
}

/** What a door is to Koa, plugged in for the metadata. */
function open(door: Door, server: Server<App, User>, options: ClientAuthenticationOptions<Registered>): Middleware {
  if (door === 'clientAuthentication') {
    const authenticate = clientAuthentication(options);
    server.extend(authenticate);
    return authenticate;
  }
  const auth = new passport.KoaPassport();
  const strategy = new ClientStrategy(options);
  auth.use(strategy);
  server.extend(strategy);
  return auth.authenticate('oauth2-client', { session: false });
}

/** Codes and tokens that tell whose they are; `issued` counts the tokens. */
export function clientAuthServer({ door = 'clientAuthentication', authentication, ...setup }: ClientAuthSetup = {}) {
  const clients = setup.clients ?? [CONFIDENTIAL, PUBLIC, { ...OTHER, client_secret: 'other secret' }];
  const asked: string[] = [];
  const find = (id: string): Registered | undefined => {
    asked.push(id);
    return clients.find(({ client_id }) => client_id === id);
  };
  const issued: { readonly client: string; readonly authInfo: unknown }[] = [];
  const { take, put, codes } = issuing();
  let authenticate: Middleware | undefined;
  const made = authorizationServer({
    clients,
    plug(server) {
      server
        .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
        .exchange(exchange.code({ redeem: take(codes), issue: ({ clientID }) => ({ access_token: `${clientID}'s` }) }))
        .exchange(
          exchange.clientCredentials(({ client_id }, _scope, _body, authInfo) => {
            issued.push({ client: client_id, authInfo });
            return `${client_id}'s`;
          }),
        )
        .extend(pkce())
        .extend(issuer(ISSUER));
    },
    ...setup,
    authenticate(server) {
      authenticate = open(door, server, { find, methods: METHODS, ...authentication });
      return authenticate;
    },
    routes(router, server) {
      if (!authenticate) throw new Error('The token endpoint comes first');
      const introspect = (token: string) => ({ active: true, client_id: token.replace(/'s$/, '') });
      router.post('/introspect', authenticate, server.endpoint(introspection(introspect)));
      router.post('/revoke', authenticate, server.endpoint(revocation(() => {})));
      router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata({ token_endpoint: '/token' })));
      setup.routes?.(router, server);
    },
  });
  const post = (path: string, params: string | object): Test =>
    request(made.app.callback()).post(path).type('form').send(params);
  /** A token request for client credentials. */
  const token = (params: object = {}, headers: Readonly<Record<string, string>> = {}): Test =>
    post('/token', { grant_type: 'client_credentials', ...params }).set(headers);
  return { ...made, post, token, issued, asked };
}

export function basic(id: string, secret: string): { readonly Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
