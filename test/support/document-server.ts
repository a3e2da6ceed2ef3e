/** The authorization server of the tests for clients that nobody has registered, with a clock to turn. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  type ClientIDMetadataOptions,
  clientIDMetadata,
  createServer,
  exchange,
  grant,
  introspection,
  metadata,
  type OAuth2State,
  type Plug,
  pkce,
  pushedRequests,
  revocation,
  type Server,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none, privateKeyJwt } from 'koauthorize/client-auth';
import { type KeySet, memoryStore, type TokenStore, tokenService } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import { CHALLENGE, ISSUER, redirected, type User, VERIFIER } from './authorization-server.js';
import { client, type Registered } from './client-auth.js';
import { encode } from './form.js';

export interface DocumentSetup extends ClientIDMetadataOptions<Registered> {
  readonly issuer?: string;
  /** Shared by the servers of several processes. */
  readonly tokenStore?: TokenStore;
  readonly clients?: readonly Registered[];
  readonly plugs?: readonly Plug<Registered, User>[];
  readonly keys?: KeySet;
}

/** 2026-01-01 */
const START = 1_767_225_600;

export const CALLBACK = 'https://client.example/callback';
/** A client that is registered. */
export const REGISTERED = client('client', { client_secret: 'a secret' });

const login: Middleware = async (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  await next();
};

export function documentServer(setup: DocumentSetup = {}) {
  const { issuer = ISSUER, tokenStore = memoryStore(), clients = [REGISTERED], plugs = [], keys, ...options } = setup;
  const clock = { now: START };
  const now = () => clock.now;
  const asked: string[] = [];
  const find = (id: string) => {
    asked.push(id);
    return clients.find(({ client_id }) => client_id === id);
  };
  const tokens = tokenService<Registered, User>({ store: tokenStore, now });
  const server: Server<Registered, User> = createServer<Registered, User>({
    ...{ issuer, clients: { find }, tokens, now },
    ...(keys && { keys, authenticationEvent: () => ({ authenticatedAt: START }) }),
  });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce())
    .extend(clientIDMetadata<Registered, User>(options))
    .extend(pushedRequests())
    .extend(introspection(tokens.introspect))
    .extend(revocation(tokens.revoke))
    .extend(metadata());
  for (const plug of plugs) server.extend(plug);
  const keyed = privateKeyJwt<Registered>({ ...(options.fetch && { fetch: options.fetch }), now });
  const methods = [clientSecretBasic<Registered>(), keyed, none<Registered>()];
  const authenticateClient = clientAuthentication<Registered>({ server, methods });

  const app = new Koa();
  const errors: Error[] = [];
  app.keys = ['a key for tests'];
  app.on('error', (error) => errors.push(error));
  app.use(session(app)).use(server.errorHandler());
  const router = new Router<OAuth2State<Registered, User>>();
  const dialog: Middleware = (ctx) => {
    const { transactionID, client } = ctx.state['oauth2'];
    ctx.body = { transactionID, client };
  };
  router.get('/authorize', login, server.authorization(), dialog);
  router.post('/decision', login, server.decision());
  server.mount(router, { authenticateClient });
  app.use(router.routes());

  const callback = app.callback();
  const post = (path: string, params: Record<string, string | undefined>): Test =>
    request(callback).post(path).type('form').send(encode(params));
  const ask = (client_id: string, params: Record<string, string | undefined> = {}) => ({
    response_type: 'code',
    client_id,
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...params,
  });
  const agent = request.agent(callback);
  const authorize = (client_id: string, params: Record<string, string | undefined> = {}): Test =>
    agent.get('/authorize').query(encode(ask(client_id, params)));
  const decide = (transaction_id: string): Test => agent.post('/decision').type('form').send({ transaction_id });
  const codeFor = async (client_id: string, params: Record<string, string | undefined> = {}): Promise<string> => {
    const { body } = await authorize(client_id, params).expect(200);
    return redirected(await decide(body.transactionID).expect(303))['code'] ?? '';
  };
  const redeem = (client_id: string, code: string, more: Record<string, string> = {}): Test =>
    post('/token', {
      grant_type: 'authorization_code',
      client_id,
      code,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...more,
    });
  const refresh = (client_id: string, refresh_token: string): Test =>
    post('/token', { grant_type: 'refresh_token', client_id, refresh_token });
  return {
    ...{ app, server, clock, errors, asked, tokens, post, ask, authorize, decide, codeFor, redeem, refresh },
    metadata: async () => (await request(callback).get('/.well-known/oauth-authorization-server').expect(200)).body,
  };
}
