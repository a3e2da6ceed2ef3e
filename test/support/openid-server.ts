/** The authorization server of the tests as an OpenID Provider, with logins to write down, and a clock to turn. */

import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Context } from 'koa';
import {
  type AuthenticationEvent,
  exchange,
  grant,
  type OpenIDOptions,
  openid,
  pkce,
  type Server,
  type Transaction,
} from 'koauthorize';
import {
  generateSigningKey,
  type KeySet,
  keySet,
  memoryStore,
  type TokenService,
  type TokenStore,
  tokenService,
} from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  ISSUER,
  OTHER,
  type Params,
  REQUEST,
  type Setup,
  tokenRequest,
  type User,
} from './authorization-server.js';
import { encode } from './form.js';
import { showPrompts } from './plugged-server.js';

/** A client as it is registered, with what OpenID Connect reads of it. */
export interface Registered extends App {
  readonly [member: string]: unknown;
}

/** 2026-01-01 */
const START = 1_767_225_600;

/** Made once: a key for RS256 takes a while. */
let made: ReturnType<typeof generateSigningKey> | undefined;

export function rsaKey(): ReturnType<typeof generateSigningKey> {
  made ??= generateSigningKey('RS256');
  return made;
}

export async function rsaKeys(): Promise<KeySet> {
  return keySet({ signing: await rsaKey() });
}

export interface OpenIDSetup extends Omit<Setup, 'plug' | 'clients'> {
  readonly keys: ServerKeys;
  readonly openid?: OpenIDOptions<App, User>;
  readonly clients?: readonly Registered[];
  readonly plug?: (server: Server<App, User>, tokens: TokenService<App, User>) => void;
  /** Default: one in memory, of its own. */
  readonly store?: TokenStore;
  /** Epoch seconds at which its clock begins. */
  readonly start?: number;
}

type ServerKeys = Pick<KeySet, 'signing' | 'find' | 'jwks'>;

export function openidServer({ keys, openid: options = {}, plug, ...setup }: OpenIDSetup) {
  const clock = { now: setup.start ?? START };
  const now = () => clock.now;
  const store = setup.store ?? memoryStore();
  /** How and when users logged in, by their identifiers. */
  const logins = new Map<string, AuthenticationEvent>();
  const authenticationEvent = ({ id }: User) => logins.get(id);
  const clients = setup.clients ?? [CLIENT, OTHER];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const tokens = tokenService<App, User>({ store, now });
  /** Users who have consented before: `immediate` allows their requests. */
  const consented = new Set<string>();
  const immediate = ({ user }: Transaction<App, User>) => consented.has(user?.id ?? '');
  const done = (ctx: Context) => ctx.get('X-Done').split(' ').filter(Boolean);
  const server = authorizationServer({
    dialog: showPrompts,
    authorization: (server) => server.authorization({ immediate }),
    resume: (server) => server.resume({ done }, immediate),
    ...setup,
    clients,
    options: { issuer: ISSUER, keys, tokens, now, clients: { find }, authenticationEvent, ...setup.options },
    plug(server) {
      server
        .grant(grant.code(tokens.code))
        .grant(grant.token(tokens.token))
        .grant('code token')
        .exchange(exchange.code(tokens.code))
        .exchange(exchange.refreshToken(tokens.refreshToken))
        .extend(pkce())
        .extend(openid(options));
      plug?.(server, tokens);
    },
  });
  const { app } = server;
  /** A browser, in which somebody is logged in or not. */
  const visitor = () => {
    const agent = request.agent(app.callback());
    const as = (test: Test, user: string | undefined): Test => (user === undefined ? test : test.set('X-User', user));
    return {
      open: (params: Params = {}, user?: string): Test =>
        as(agent.get('/authorize').query(encode({ ...REQUEST, scope: 'openid', ...params })), user),
      post: (params: Params = {}, user?: string): Test =>
        as(
          agent
            .post('/authorize')
            .type('form')
            .send(encode({ ...REQUEST, scope: 'openid', ...params })),
          user,
        ),
      /** Back from a page, on which the user has done something. */
      resume: (transactionID: string, user: string | undefined, did = ''): Test =>
        as(agent.get('/resume').set('X-Done', did).query({ transaction_id: transactionID }), user),
      decide: (transactionID: string, user: string | undefined, more: object = {}): Test =>
        as(agent.post('/decision').type('form'), user).send({ transaction_id: transactionID, ...more }),
    };
  };
  const connect = async (params: Params = {}, client: App = CLIENT) => {
    const { code } = await browser(app).allow({ scope: 'openid', client_id: client.client_id, ...params });
    return (await exchangeCode(app, code, {}, client).expect(200)).body;
  };
  return {
    ...server,
    clock,
    logins,
    consented,
    visitor,
    store,
    tokens,
    connect,
    refresh: (token: string, more: object = {}, client: App = CLIENT) =>
      tokenRequest(app, { grant_type: 'refresh_token', refresh_token: token, ...more }, client),
    /** The claims of an ID token that is verified as a client does it. @see OpenID Connect Core §3.1.3.7 */
    async verified(token: unknown, audience: string = CLIENT.client_id): Promise<JWTPayload> {
      const options = { issuer: ISSUER, audience, currentDate: new Date(clock.now * 1000) };
      const key = createLocalJWKSet(keys.jwks() as JSONWebKeySet);
      return (await jwtVerify(String(token), key, options)).payload;
    },
    header: (token: unknown) => decodeProtectedHeader(String(token)),
  };
}

export type OpenIDServer = ReturnType<typeof openidServer>;
