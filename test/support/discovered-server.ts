/** A server with many extensions, as a plain OAuth server or as an OpenID Provider, whose metadata a test compares with what it does. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  backchannelAuthentication,
  clientIDMetadata,
  clientRegistration,
  createServer,
  exchange,
  grant,
  idJAG,
  introspection,
  issueIDJAG,
  jwks,
  jwtBearer,
  jwtResponses,
  logout,
  type MetadataServing,
  metadata,
  openid,
  pkce,
  pushedRequests,
  registeredClients,
  requestObjects,
  revocation,
  scopes,
  sessionManagement,
  tokenExchange,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import { type KeySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import { CALLBACK, ISSUER, REQUEST, type User } from './authorization-server.js';
import { basic, client, type Registered } from './client-auth.js';
import { encode } from './form.js';
import type { Signer } from './request-object.js';

export type Kind = 'plain OAuth server' | 'OpenID Provider';

export const SECRET = 'a secret';
/** It accepts ID-JAGs of this one. */
export const OTHER_SERVER = 'https://other-as.example';
/** Its ID-JAGs are accepted. */
export const IDP = 'https://idp.example';

export interface Discovered {
  readonly kind: Kind;
  readonly keys: KeySet;
  /** Signs the clients' request objects. */
  readonly signer: Signer;
  readonly issuer?: string;
  readonly serving?: MetadataServing;
  readonly withObjects?: boolean;
  /** Whether the application says how users log in. */
  readonly knowsLogins?: boolean;
}

const KNOWN = /^(?:client|another|public|logout|alg-\w+|ciba-\w+)$/;

/** A page of the client `logout`, and where it is told of logouts. */
export const FRONT = 'https://client.example/front';
export const BACK = 'https://client.example/back';

/** A client: `public`, or one that registered the algorithm that it is named after. */
const clientOf = (id: string, { jwks }: Signer): Registered =>
  client(id, {
    jwks,
    ...(id === 'public' ? { token_endpoint_auth_method: 'none' } : { client_secret: SECRET }),
    ...(id === 'logout' && { frontchannel_logout_uri: FRONT, backchannel_logout_uri: BACK }),
    ...(id.startsWith('ciba-') && {
      backchannel_token_delivery_mode: id === 'ciba-signed' ? 'poll' : id.slice(5),
      backchannel_client_notification_endpoint: BACK,
      ...(id === 'ciba-signed' && { backchannel_authentication_request_signing_alg: 'ES256' }),
    }),
    ...(id.startsWith('alg-') && {
      authorization_signed_response_alg: id.slice(4),
      introspection_signed_response_alg: id.slice(4),
      id_token_signed_response_alg: id.slice(4),
      userinfo_signed_response_alg: id.slice(4),
    }),
  });

export function discoveredServer({
  kind,
  keys,
  signer,
  issuer = ISSUER,
  serving,
  withObjects = true,
  knowsLogins = true,
}: Discovered) {
  const find = (id: string): Registered | undefined => (KNOWN.test(id) ? clientOf(id, signer) : undefined);
  const store = memoryStore();
  const tokens = tokenService<Registered, User>({ store });
  const authenticationEvent = () => ({ sessionID: 'a session' });
  const server = createServer<Registered, User>({
    ...{ issuer, keys, tokens, clients: { find } },
    ...(knowsLogins && { authenticationEvent }),
  });
  const sessions = sessionManagement<Registered, User>({
    secret: 'x'.repeat(32),
    user: (ctx) => ctx.state['user'],
  });
  /** Logout tokens that were posted. */
  const told: string[] = [];
  const post = async (_url: string, { body }: RequestInit) => {
    told.push(new URLSearchParams(String(body)).get('logout_token') ?? '');
    return new Response();
  };
  const authenticate = clientAuthentication<Registered>({
    find,
    methods: [clientSecretBasic(), clientSecretPost(), none()],
  });
  server
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .grant('code token')
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(authenticate)
    .extend(pkce())
    .extend(jwks())
    .extend(jwtResponses())
    .extend(introspection(tokens.introspect, { jwtResponses: true }))
    .extend(revocation(tokens.revoke))
    .extend(pushedRequests())
    .extend(clientRegistration({ clients: registeredClients(store), allowAnyone: true }))
    .extend(clientIDMetadata({ fetch: async (url) => Response.json({ client_id: url, redirect_uris: [CALLBACK] }) }))
    .extend(
      jwtBearer<Registered, User>({
        issuers: { [IDP]: { jwks: signer.jwks as { keys: object[] }, profile: idJAG() } },
        authorize: ({ subject }) => ({ subject, scope: ['read'] }),
      }),
    )
    .extend(
      tokenExchange<Registered, User>({
        allow: () => ({ scope: ['read'] }),
        issues: issueIDJAG<Registered>({ server, servers: { [OTHER_SERVER]: { clientID: () => 'there' } } }),
      }),
    );
  if (withObjects) server.extend(requestObjects({ byReference: false, algorithms: ['ES256'] }));
  if (kind === 'OpenID Provider')
    server
      .extend(scopes(['openid', 'offline_access', 'read', 'write']))
      .extend(openid({ responseTypes: ['id_token', 'id_token token', 'code id_token', 'code id_token token'] }))
      .extend(logout({ end: () => {}, fetch: post }))
      .extend(
        backchannelAuthentication({
          algorithms: ['ES256'],
          findUser: ({ loginHint: id = '' }) => ({ id, name: id }),
          ask: () => {},
          verifyUserCode: (_user, code) => code === '1234',
        }),
      )
      .extend(sessions);
  else server.extend(scopes(['read', 'write']));
  server.extend(metadata({ service_documentation: '/docs' }, serving));

  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  const { pathname } = new URL(issuer);
  const router = new Router(pathname === '/' ? {} : { prefix: pathname });
  const authorize = server.authorization({ immediate: () => true });
  router.all('/authorize', authorize, (ctx) => {
    ctx.body = { prompts: ctx.state['oauth2'].prompts };
  });
  if (kind === 'OpenID Provider') {
    const page: Middleware = (ctx) => {
      ctx.body = ctx.state['logout'];
    };
    router.all('/logout', server.route('end_session') as Middleware, page);
    router.all('/logout/decision', server.route('end_session_decision') as Middleware, page);
  }
  server.mount(router, { authenticateClient: authenticate });
  app.use(session(app));
  if (kind === 'OpenID Provider') app.use(sessions.cookie);
  app.use(server.errorHandler());
  app.use((ctx, next) => {
    ctx.state['user'] = { id: 'alice', name: 'Alice' };
    return next();
  });
  app.use(router.routes());
  const http = request(app.callback());
  const send = (path: string, params: object, id = 'client'): Test =>
    http.post(path).type('form').set(basic(id, SECRET)).send(params);
  const ask = (params: Record<string, string | undefined> = {}): Test =>
    http.get('/authorize').query(encode({ ...REQUEST, scope: undefined, nonce: 'n', ...params }));
  return { server, http, post: send, ask, find, told };
}

export type DiscoveredServer = ReturnType<typeof discoveredServer>;
