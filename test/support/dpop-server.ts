/** An authorization server with DPoP and an API beside it, whose user is alice, who allows everything; and a clock to turn. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import {
  type Client,
  certificateBoundTokens,
  createServer,
  type DPoPOptions,
  dpop,
  exchange,
  grant,
  introspection,
  type MetadataOptions,
  metadata,
  pkce,
  pushedRequests,
  type Server,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, headerCertificate, none } from 'koauthorize/client-auth';
import {
  type BearerState,
  bearer,
  certificateProof,
  type DPoPProofOptions,
  dpopProof,
  type Verify,
} from 'koauthorize/resource-server';
import { memoryStore, type TokenServiceOptions, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { CALLBACK, CHALLENGE, VERIFIER } from './authorization-server.js';
import { type ClientKey, type ProofParts, type ProofTarget, proofFor } from './dpop.js';
import { encode } from './form.js';

export interface App extends Client {
  readonly token_endpoint_auth_method: string;
  readonly [member: string]: unknown;
}

export interface User {
  readonly id: string;
}

export const AS = 'https://as.example';
export const API = 'https://api.example';
export const START = 1_767_225_600;

const redirects = { redirect_uris: [CALLBACK] };
const basic = { token_endpoint_auth_method: 'client_secret_basic', ...redirects };
export const SERVICE: App = { client_id: 'service', client_secret: 'secret', ...basic };
export const PUBLIC: App = { client_id: 'public', token_endpoint_auth_method: 'none', ...redirects };
/** Its tokens must be bound. */
export const BOUND: App = { client_id: 'bound', client_secret: 'secret', dpop_bound_access_tokens: true, ...basic };
/** Its tokens are bound to its certificate, too. */
export const MUTUAL: App = {
  client_id: 'mutual',
  client_secret: 'secret',
  tls_client_certificate_bound_access_tokens: true,
  ...basic,
};

export interface DPoPSetup {
  readonly dpop?: DPoPOptions<App>;
  readonly proof?: DPoPProofOptions;
  readonly tokens?: Partial<TokenServiceOptions<App, User>>;
  readonly server?: Parameters<typeof createServer<App, User>>[0];
  readonly clients?: readonly App[];
  readonly metadata?: MetadataOptions;
  readonly verify?: Verify;
  readonly plug?: (server: Server<App, User>) => void;
  readonly before?: Middleware;
  /** Whether all processes over one store share what the API remembers. */
  readonly sharesReplays?: true;
}

const certificate = headerCertificate({ name: 'X-Client-Cert' });

export function dpopServer(setup: DPoPSetup = {}) {
  const clock = { now: START };
  const now = () => clock.now;
  const clients = setup.clients ?? [SERVICE, PUBLIC, BOUND, MUTUAL];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const tokens = tokenService<App, User>({ store: memoryStore(), now, ...setup.tokens });
  const server = createServer<App, User>({ issuer: AS, clients: { find }, tokens, now, ...setup.server });
  const authenticateClient = clientAuthentication<App>({ find, methods: [clientSecretBasic(), none()] });
  server
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .exchange(exchange.password(tokens.password))
    .extend(pkce())
    .extend(certificateBoundTokens({ certificate }))
    .extend(dpop(setup.dpop));
  setup.plug?.(server);

  const router = new Router<BearerState>();
  const alice: Middleware = (ctx, next) => {
    ctx.state['user'] = { id: 'alice' };
    return next();
  };
  router.all('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
  router.all('/token', authenticateClient, server.token());
  router.post('/par', authenticateClient, server.endpoint(pushedRequests()));
  router.post(
    '/introspect',
    authenticateClient,
    server.endpoint(introspection(tokens.introspect, { resourceServer: ({ client_id }) => client_id === 'service' })),
  );
  router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata(setup.metadata)));
  const shared = setup.sharesReplays && { useOnce: tokens.useOnce };
  const proofs = [dpopProof({ baseURL: API, now, ...shared, ...setup.proof }), certificateProof({ certificate })];
  router.all('/notes', bearer({ verify: setup.verify ?? tokens.verify, proofs, now }), (ctx) => {
    ctx.body = { client: ctx.state.token.clientID, confirmation: ctx.state.token.confirmation };
  });
  const app = new Koa();
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  if (setup.before) app.use(setup.before);
  app.use(server.errorHandler()).use(router.routes());

  /** A proof for the token endpoint, by the server's clock. */
  const proof = (key: ClientKey, target: Partial<ProofTarget> = {}, parts?: ProofParts) =>
    proofFor(key, { url: `${AS}/token`, at: clock.now, ...target }, parts);
  /** A proof for the API. */
  const proofOf = (key: ClientKey, token: string, target: Partial<ProofTarget> = {}, parts?: ProofParts) =>
    proof(key, { method: 'GET', url: `${API}/notes`, token, ...target }, parts);
  const post = (path: string, client: App, params: object, dpop?: string, headers: Record<string, string> = {}) => {
    const sent = request(app.callback()).post(path).type('form').set(headers);
    if (dpop !== undefined) sent.set('DPoP', dpop);
    const isPublic = client.token_endpoint_auth_method === 'none';
    if (!isPublic) sent.auth(client.client_id, String(client['client_secret']));
    return sent.send(
      encode({ ...(isPublic && { client_id: client.client_id }), ...(params as Record<string, string>) }),
    );
  };
  const credentials = (dpop?: string, client: App = SERVICE, headers: Record<string, string> = {}) =>
    post('/token', client, { grant_type: 'client_credentials' }, dpop, headers);
  const authorize = async (client: App, params: object = {}): Promise<URLSearchParams> => {
    const areq = {
      response_type: 'code',
      client_id: client.client_id,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...params,
    };
    const { headers } = await request(app.callback())
      .get(`/authorize?${encode(areq)}`)
      .expect(302);
    const { searchParams, hash } = new URL(headers['location'] ?? '');
    return hash ? new URLSearchParams(hash.slice(1)) : searchParams;
  };
  const codeFor = async (client: App, params: object = {}): Promise<string> =>
    (await authorize(client, params)).get('code') ?? '';
  const redeem = (client: App, code: string, dpop?: string, headers: Record<string, string> = {}) =>
    post('/token', client, { grant_type: 'authorization_code', code, code_verifier: VERIFIER }, dpop, headers);
  const refresh = (client: App, refresh_token: string, dpop?: string) =>
    post('/token', client, { grant_type: 'refresh_token', refresh_token }, dpop);
  const ask = (authorization: string, dpop?: string, headers: Record<string, string> = {}, path = '/notes') => {
    const sent = request(app.callback()).get(path).set(headers).set('Authorization', authorization);
    return dpop === undefined ? sent : sent.set('DPoP', dpop);
  };
  return {
    ...{
      app,
      server,
      tokens,
      clock,
      errors,
      proof,
      proofOf,
      post,
      credentials,
      authorize,
      codeFor,
      redeem,
      refresh,
      ask,
    },
    introspect: async (token: string) => (await post('/introspect', SERVICE, { token }).expect(200)).body,
    push: (client: App, params: object, dpop?: string) =>
      post(
        '/par',
        client,
        {
          response_type: 'code',
          client_id: client.client_id,
          code_challenge: CHALLENGE,
          code_challenge_method: 'S256',
          ...params,
        },
        dpop,
      ),
  };
}

export type DPoPServer = ReturnType<typeof dpopServer>;
