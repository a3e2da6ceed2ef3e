/**
 * A server with every grant and most extensions, an API, and OpenTelemetry around them. Every secret that passes in either direction is noted, and all that an
 * operator or a page is told is kept, so that a test can look for the ones in the others.
 */
import { format, inspect } from 'node:util';
import Router from '@koa/router';
import createDebug from 'debug';
import Koa, { type Middleware } from 'koa';
import {
  backchannelAuthentication,
  type Client,
  clientRegistration,
  createServer,
  deviceAuthorization,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  jwtBearer,
  metadata,
  openid,
  pkce,
  pushedRequests,
  type Refusal,
  registeredClients,
  requestObjects,
  revocation,
  scopes,
  stepUp,
  tokenExchange,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { type OpenTelemetryAPI, openTelemetry, type Telemetry } from 'koauthorize/opentelemetry';
import { bearer, dpopProof, requireScope } from 'koauthorize/resource-server';
import { memoryStore, type TokenEvents, tokenService } from 'koauthorize/tokens';
import { sessions } from '../fuzz/sessions.js';
import { CALLBACK, ISSUER, type User } from './authorization-server.js';
import { rsaKeys } from './openid-server.js';
import type { Signer } from './request-object.js';

export const SECRET = 'secret-of-the-client-7Qm2';
export const PASSWORD = 'password-of-alice-9Zk4';
/** Its assertions are taken. */
export const IDP = 'https://idp.example';

interface App extends Client {
  readonly client_secret?: string;
  readonly [member: string]: unknown;
}

/** The parameters and members that are secret: whoever has one can do something with it. */
const SECRETS: ReadonlySet<string> = new Set([
  ...['code', 'access_token', 'refresh_token', 'id_token', 'token', 'subject_token', 'actor_token', 'id_token_hint'],
  ...[
    'client_secret',
    'client_assertion',
    'assertion',
    'code_verifier',
    'password',
    'request',
    'registration_access_token',
  ],
  ...['device_code', 'auth_req_id', 'transaction_id', 'client_notification_token', 'login_hint_token', 'device_id'],
]);

export class Watch {
  /** By the name under which each was sent. */
  readonly secrets = new Map<string, string>();
  /** What was told, by where. */
  readonly told: [where: string, what: string][] = [];

  note(name: string, value: unknown): void {
    if (SECRETS.has(name) && typeof value === 'string' && value.length > 7) this.secrets.set(value, name);
  }

  noteAll(values: object | null | undefined): void {
    for (const [name, value] of Object.entries(values ?? {})) this.note(name, value);
  }

  /** A credential of a header, and of Basic the secret in it. */
  noteHeaders({ authorization = '', dpop }: { readonly authorization?: string; readonly dpop?: unknown }): void {
    const [scheme = '', credential = ''] = authorization.split(' ');
    const secret = /^basic$/i.test(scheme) ? Buffer.from(credential, 'base64').toString().split(':')[1] : credential;
    for (const each of [credential, secret]) if (each && each.length > 7) this.secrets.set(each, 'Authorization');
    if (typeof dpop === 'string') this.secrets.set(dpop, 'DPoP');
  }

  tell(where: string, what: unknown): void {
    this.told.push([where, typeof what === 'string' ? what : JSON.stringify(what)]);
  }

  /** All of an error: its message, its stack, its members, and the same of its causes. */
  tellError(error: unknown): void {
    this.tell('error', inspect(error, { depth: 8, showHidden: true }));
  }

  /** Where a secret was told. */
  leaks(): string[] {
    return [...this.secrets].flatMap(([secret, name]) =>
      this.told.flatMap(([where, what]) =>
        what.includes(secret) ? [`${name} in ${where}: ${what.slice(0, 300)}`] : [],
      ),
    );
  }
}

/** Notes what is secret in a request and its answer, and keeps pages of errors. */
function watching(watch: Watch): Middleware {
  return async (ctx, next) => {
    watch.noteHeaders(ctx.req.headers as { authorization?: string });
    await next();
    watch.noteAll(ctx.query);
    watch.noteAll((ctx.request as { body?: object }).body);
    const location = ctx.response.get('Location');
    if (location) {
      const { searchParams, hash } = new URL(location, ISSUER);
      watch.noteAll(Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]));
    }
    const text = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body ?? '');
    if (ctx.status >= 400) watch.tell('the answer', `${text} ${JSON.stringify(ctx.response.headers)}`);
    else if (text.startsWith('{')) watch.noteAll(JSON.parse(text));
  };
}

function clientsOf({ jwks }: Signer): readonly App[] {
  const basic = { client_secret: SECRET, redirect_uris: [CALLBACK], scope: 'openid offline_access read write' };
  return [
    { client_id: 'web', ...basic, backchannel_token_delivery_mode: 'poll' },
    { client_id: 'other', ...basic },
    { client_id: 'public', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
    { client_id: 'signing', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', jwks },
  ];
}

/** `X-User` is who is logged in. */
const login: Middleware = (ctx, next) => {
  const id = ctx.get('X-User');
  if (id) ctx.state['user'] = { id, name: id };
  return next();
};

const show =
  (member: string): Middleware =>
  (ctx) => {
    const { transactionID, device, ...more } = { ...ctx.state[member] };
    ctx.body = { transaction_id: transactionID, device_id: device?.id ?? more.id };
  };

export interface Traced {
  readonly app: Koa;
  readonly watch: Watch;
  readonly telemetry: Telemetry;
  readonly refusals: Refusal[];
  /** The IDs of what users were asked by CIBA, newest last. */
  readonly asked: string[];
}

/** Keeps all that `DEBUG=koauthorize:*` prints, until it is told to stop. */
export function watchDebug(watch: Watch): () => void {
  const { log } = createDebug;
  createDebug.log = (...args: unknown[]) => watch.tell('debug', format(...args));
  createDebug.enable('koauthorize:*');
  return () => {
    createDebug.disable();
    createDebug.log = log;
  };
}

export async function tracedServer(api: OpenTelemetryAPI, signer: Signer): Promise<Traced> {
  const watch = new Watch();
  const clients = clientsOf(signer);
  const store = memoryStore();
  const registered = registeredClients(store);
  const find = async (id: string) =>
    clients.find(({ client_id }) => client_id === id) ?? ((await registered.find(id)) as App | undefined);
  const authenticate = (_name: string, password: string): User | undefined =>
    password === PASSWORD ? { id: 'alice', name: 'alice' } : undefined;
  const tokens = tokenService<App, User>({ store, authenticate });
  const telemetry = openTelemetry({ api, tokens });
  const server = createServer<App, User>({ issuer: ISSUER, clients: { find }, tokens, keys: await rsaKeys() });
  const asked: string[] = [];
  const ciba = backchannelAuthentication<App, User>({
    interval: 1,
    findUser: ({ loginHint }) => (loginHint === 'alice' ? { id: 'alice', name: 'alice' } : undefined),
    ask: (_ctx, { id }) => void asked.push(id),
  });
  const proofs = [dpopProof({ baseURL: ISSUER, useOnce: tokens.useOnce })];
  server
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .exchange(exchange.password(tokens.password))
    .extend(pkce())
    .extend(scopes(['openid', 'offline_access', 'read', 'write'], { default: ['read'] }))
    .extend(stepUp())
    .extend(dpop())
    .extend(requestObjects())
    .extend(pushedRequests())
    .extend(deviceAuthorization())
    .extend(openid<App, User>({ findUser: (id) => ({ id, name: id }), userinfo: { proofs } }))
    .extend(ciba)
    .extend(tokenExchange<App, User>({ allow: () => ({ scope: ['read'] }) }))
    .extend(
      jwtBearer<App, User>({
        issuers: { [IDP]: { jwks: signer.jwks as { keys: object[] } } },
        authorize: ({ subject }) => ({ subject, scope: ['read'] }),
      }),
    )
    .extend(clientRegistration<App, User>({ clients: registered, allowAnyone: true }))
    .extend(introspection(tokens.introspect))
    .extend(revocation(tokens.revoke))
    .extend(jwks())
    .extend(metadata());
  const authenticateClient = clientAuthentication<App>({
    server,
    methods: [clientSecretBasic(), clientSecretPost(), privateKeyJwt(), none()],
  });
  const router = new Router();
  router.all('/authorize', login, server.authorization() as Middleware, show('oauth2'));
  router.post('/decision', login, server.decision() as Middleware);
  router.all('/device', login, server.route('device_verification'), show('device'));
  router.post('/device/decision', login, server.route('device_decision'), show('device'));
  server.mount(router as never, { authenticateClient });
  router.get('/api', bearer({ verify: tokens.verify, proofs }) as Middleware, requireScope('read'), (ctx) => {
    ctx.body = 'in';
  });
  router.post('/ciba/:id/:answer', async (ctx) => {
    const { id = '', answer } = ctx['params'];
    ctx.body = {
      became: await ciba.decide(ctx, id, { user: { id: 'alice', name: 'alice' }, allow: answer === 'allow' }),
    };
  });
  router.get('/fails', () => {
    throw new Error('the database is away');
  });
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  const refusals: Refusal[] = [];
  app.on('refusal', (refusal: Refusal) => {
    refusals.push(refusal);
    watch.tell('the event refusal', { ...refusal, ...telemetry.logFields() });
  });
  app.on('error', (error) => watch.tellError(error));
  for (const name of [
    'issued',
    'refreshed',
    'denied',
    'replayDetected',
    'familyRevoked',
    'introspected',
    'revoked',
  ] as const)
    tokens.events.on(name, (event: TokenEvents[typeof name]) => watch.tell(`the event ${name}`, event));
  app.use(watching(watch)).use(telemetry).use(sessions(app, 'traced')).use(server.errorHandler()).use(router.routes());
  return { app, watch, telemetry, refusals, asked };
}
