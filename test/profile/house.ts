/**
 * A server that takes whatever the toolkit can take, and six clients: each of another profile. What one of them is refused, its profile has refused. A good
 * request here is good for every profile: each test changes one thing.
 */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  backchannelAuthentication,
  certificateBoundTokens,
  createServer,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  jwtResponses,
  metadata,
  openid,
  type Plug,
  pkce,
  pushedRequests,
  requestObjects,
  revocation,
  type Server,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  headerCertificate,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { fapiCIBA } from 'koauthorize/profile/fapi-ciba';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { fapi2MessageSigning } from 'koauthorize/profile/fapi2-message-signing';
import { legacy } from 'koauthorize/profile/legacy';
import { oauth21 } from 'koauthorize/profile/oauth21';
import { bearer, certificateProof, dpopProof } from 'koauthorize/resource-server';
import { generateSigningKey, keySet, memoryStore, type TokenService, tokenService } from 'koauthorize/tokens';
import request, { type Response, type Test } from 'supertest';
import { ASSERTION_TYPE } from '../support/assertions.js';
import { CALLBACK, CHALLENGE, ISSUER, type Params, VERIFIER } from '../support/authorization-server.js';
import { basic } from '../support/client-auth.js';
import { type ClientKey, clientKey, proofFor } from '../support/dpop.js';
import { encode } from '../support/form.js';
import { type Signer, sign, signer } from '../support/request-object.js';

export type ProfileName = 'oauth21' | 'fapi2' | 'fapi2MessageSigning' | 'fapiCIBA' | 'legacy' | 'none';

export interface App {
  readonly client_id: string;
  readonly profile: ProfileName;
  readonly redirect_uris: readonly string[];
  readonly [member: string]: unknown;
}

export interface User {
  readonly id: string;
}

/** 2026-01-01 */
export const START = 1_767_225_600;
const SECRET = 'a secret of thirty-two characters';
const TOKEN = `${ISSUER}/token`;
export const CIBA = 'urn:openid:params:grant-type:ciba';
const API = 'https://api.example/notes';

/** Keys of all clients, made once. */
let made: Promise<Keys> | undefined;
type Keys = Readonly<Record<'ES256' | 'RS256' | 'EdDSA', Signer>> & {
  readonly proof: ClientKey;
  readonly rsaProof: ClientKey;
  readonly server: Awaited<ReturnType<typeof keySet>>;
};

async function make(): Promise<Keys> {
  const [es, rs, ed] = await Promise.all([signer('ES256', 'es'), signer('RS256', 'rs'), signer('EdDSA', 'ed')]);
  const [proof, rsaProof] = await Promise.all([clientKey('ES256'), clientKey('RS256')]);
  const server = await keySet({ signing: [await generateSigningKey('ES256'), await generateSigningKey('RS256')] });
  return { ES256: es, RS256: rs, EdDSA: ed, proof, rsaProof, server };
}

export function keysOf(): Promise<Keys> {
  made ??= make();
  return made;
}

const ALL = {
  ...{ allowImplicit: true, allowPassword: true, allowMissingPKCE: true, allowUncompared: true },
  ...{ allowHTTP: true, allowShortSchemes: true, allowKeptRefreshTokens: true },
};

/** Each profile, for its own client. */
function profiles(): readonly Plug<App, User>[] {
  const of = (name: ProfileName) => (client: App) => client.profile === name;
  return [
    ...oauth21<App, User>({ appliesTo: of('oauth21') }),
    ...fapi2<App, User>({ appliesTo: of('fapi2') }),
    ...fapi2MessageSigning<App, User>({ appliesTo: of('fapi2MessageSigning') }),
    ...fapiCIBA<App, User>({ appliesTo: of('fapiCIBA') }),
    ...legacy<App, User>({ appliesTo: of('legacy'), ...ALL }),
  ];
}

/** Everything that the toolkit takes somewhere. */
export function plugPermissive(server: Server<App, User>, tokens: TokenService<App, User>): void {
  const keep = exchange.refreshToken<App, Awaited<ReturnType<typeof tokens.refreshToken.redeem>> & object>({
    redeem: tokens.refreshToken.redeem,
    issue: (granted, asked, respond) =>
      asked.client['keepsRefreshTokens']
        ? tokens.issue({ subject: granted.subject, scope: granted.scope, refreshToken: false }, asked, respond)
        : tokens.refreshToken.issue(granted, asked, respond),
  });
  server
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .grant('code token')
    .exchange(exchange.code(tokens.code))
    .exchange(keep)
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .exchange(exchange.password(tokens.password))
    .extend(
      pkce({ allowPlain: true, allowMissing: () => true }),
      pushedRequests(),
      requestObjects({ byReference: false }),
      jwtResponses(),
      dpop({ algorithms: ['ES256', 'RS256'], isBound: () => false }),
      certificateBoundTokens({ certificate: headerCertificate({ name: 'X-Client-Cert' }) }),
      openid<App, User>({ responseTypes: ['code id_token'] as never }),
      backchannelAuthentication<App, User>({ findUser: ({ loginHint }) => ({ id: String(loginHint) }), ask: () => {} }),
      introspection(tokens.introspect, { jwtResponses: true }),
      revocation(tokens.revoke),
      jwks(),
      metadata(),
    );
}

export interface House {
  readonly plugs?: readonly Plug<App, User>[];
  readonly plugPermissive?: false;
  readonly clients: readonly App[];
  readonly plug?: (server: Server<App, User>, tokens: TokenService<App, User>) => void;
}

export async function house({ clients, plugs = profiles(), plug = plugPermissive }: House) {
  const { server: keys } = await keysOf();
  const clock = { now: START };
  const now = () => clock.now;
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const tokens = tokenService<App, User>({
    ...{ store: memoryStore(), now, lifetimes: { code: 300 } },
    authenticate: (username) => ({ id: username }),
  });
  const server = createServer<App, User>({ issuer: ISSUER, clients: { find }, keys, tokens, now });
  plug(server, tokens);
  server.extend(...plugs);
  const authenticateClient = clientAuthentication<App>({
    server,
    methods: [clientSecretBasic(), none(), privateKeyJwt({ allowAudiences: [TOKEN] })],
  });
  const app = new Koa();
  app.keys = ['a key for tests'];
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  app.use(session(app)).use(server.errorHandler());
  const router = new Router();
  const alice: Middleware = (ctx, next) => {
    ctx.state['user'] = { id: 'alice' };
    return next();
  };
  router.get('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
  server.mount(router, { authenticateClient });
  const proofs = [dpopProof({ baseURL: 'https://api.example', now }), certificateProof()];
  router.get('/notes', bearer({ verify: tokens.verify, proofs, now }) as Middleware, (ctx) => {
    ctx.body = {};
  });
  app.use(router.routes());
  return { server, tokens, clock, errors, http: request(app.callback()) };
}
export type Made = Awaited<ReturnType<typeof house>>;

/** What a test changes of a good request. */
export interface Change {
  /** Members of the client's registration. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Parameters of the authorization request; undefined takes one out. */
  readonly params?: Params;
  /** The request object: none, or claims and key that differ. */
  readonly object?:
    | 'none'
    | { readonly claims?: Readonly<Record<string, unknown>>; readonly alg?: 'RS256'; readonly isAfterEmpty?: true };
  /** How the client authenticates. */
  readonly by?: 'basic' | 'none' | { readonly aud?: unknown; readonly alg?: 'RS256' | 'EdDSA' };
  /** Whether the request goes to the authorization endpoint as it is. */
  readonly isDirect?: true;
  /** The proofs where the request is pushed, and where the code is redeemed. */
  readonly pushProof?: 'RS256';
  readonly tokenProof?: 'RS256' | 'none';
  /** Seconds between the code and its redemption. */
  readonly wait?: number;
  /** What the client takes. Default: JSON. */
  readonly accept?: string;
  /** In place of the code. */
  readonly form?: Params;
}

/** A client of a profile that is registered for everything that any profile asks for. */
export function good(profile: ProfileName, { ES256, RS256, EdDSA }: Keys, more: object = {}): App {
  return {
    ...{
      client_id: `${profile} client`,
      profile,
      redirect_uris: [CALLBACK],
      client_secret: SECRET,
      scope: 'openid read',
    },
    ...{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [ES256.jwk, RS256.jwk, EdDSA.jwk] } },
    ...{ id_token_signed_response_alg: 'ES256', authorization_signed_response_alg: 'ES256' },
    ...{ backchannel_token_delivery_mode: 'poll', backchannel_authentication_request_signing_alg: 'ES256' },
    ...more,
  };
}

/** The parameters and headers by which a client authenticates. */
async function credentials({ client_id }: App, { by = {} }: Change, now: number, keys: Keys) {
  if (by === 'basic') return { form: {}, headers: basic(encodeURIComponent(client_id), encodeURIComponent(SECRET)) };
  if (by === 'none') return { form: { client_id }, headers: {} };
  const { aud = ISSUER, alg = 'ES256' } = by;
  const claims = { iss: client_id, sub: client_id, aud, iat: now, exp: now + 60, jti: crypto.randomUUID() };
  const client_assertion = await sign(claims, keys[alg], { typ: 'JWT' });
  return { form: { client_id, client_assertion_type: ASSERTION_TYPE, client_assertion }, headers: {} };
}

export async function post(
  made: Made,
  app: App,
  path: string,
  params: Params,
  change: Change = {},
  proof?: ClientKey,
): Promise<Response> {
  const keys = await keysOf();
  const { form, headers } = await credentials(app, change, made.clock.now, keys);
  const sent = made.http.post(path).type('form').set(headers);
  if (change.accept) sent.set('Accept', change.accept);
  if (proof) sent.set('DPoP', await proofFor(proof, { url: `${ISSUER}${path}`, at: made.clock.now }));
  return sent.send(encode({ ...form, ...params }));
}

async function requestOf({ client_id }: App, { params, object }: Change, now: number, keys: Keys): Promise<Params> {
  const all: Params = {
    ...{ client_id, response_type: 'code', redirect_uri: CALLBACK, scope: 'read', response_mode: 'jwt' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', state: 'a state' },
    ...params,
  };
  if (object === 'none') return all;
  const { claims, alg = 'ES256', isAfterEmpty } = object ?? {};
  const about = { iss: client_id, aud: ISSUER, nbf: now, exp: now + 300, iat: now };
  const signed = await sign({ ...about, ...all, ...claims }, keys[alg]);
  return { request: isAfterEmpty ? ['', signed] : signed };
}

/** What a response to the client has, out of its JWT, too. */
function answerIn({ headers }: Response): Record<string, unknown> {
  const { searchParams, hash } = new URL(headers['location'] ?? 'about:blank');
  const params = Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
  const { response } = params;
  return response === undefined
    ? params
    : JSON.parse(Buffer.from(response.split('.')[1] ?? '', 'base64url').toString());
}

function errorIn({ body, status, text }: Response): string {
  return body.error ?? `${status} ${text}`;
}

/** The authorization response of a request, or the error code at either endpoint. */
export async function authorize(made: Made, app: App, change: Change): Promise<Record<string, unknown>> {
  const keys = await keysOf();
  const sent = await requestOf(app, change, made.clock.now, keys);
  const { client_id } = app;
  let query: Params = { client_id, ...sent };
  if (!change.isDirect) {
    const proof = change.pushProof && keys.rsaProof;
    const pushed = await post(made, app, '/par', sent, change, proof);
    if (pushed.status !== 201) return { error: errorIn(pushed) };
    query = { client_id, request_uri: pushed.body.request_uri };
  }
  const answered: Response = await made.http.get('/authorize').query(encode(query));
  if (answered.status === 302 || answered.status === 303) return answerIn(answered);
  const [, error = `${answered.status} ${answered.text}`] = /\b(invalid_\w+|un\w+_\w+)\b/.exec(answered.text) ?? [];
  return { error };
}

export async function redeem(made: Made, app: App, code: unknown, change: Change): Promise<Response> {
  const keys = await keysOf();
  const { redirect_uri = CALLBACK } = change.params ?? {};
  const named = change.params && 'redirect_uri' in change.params ? change.params['redirect_uri'] : redirect_uri;
  const form = { grant_type: 'authorization_code', code: String(code), redirect_uri: named, code_verifier: VERIFIER };
  const withoutVerifier = change.params && 'code_challenge' in change.params && !change.params['code_challenge'];
  const params = withoutVerifier ? { ...form, code_verifier: undefined } : form;
  const proof = { RS256: keys.rsaProof, none: undefined, good: keys.proof }[change.tokenProof ?? 'good'];
  return post(made, app, '/token', { ...params, ...change.form }, change, proof);
}

/** What becomes of a request: `allowed`, or the error. */
/** @param plugs the profiles of the server. Default: all of them, each for its own client */
export async function outcome(
  profile: ProfileName,
  change: Change = {},
  plugs?: readonly Plug<App, User>[],
): Promise<string> {
  const keys = await keysOf();
  const app = good(profile, keys, change.client);
  const made = await house({ clients: [app], ...(plugs && { plugs }) });
  if (change.form) {
    const answer = await redeem(made, app, undefined, change);
    return answer.status === 200 ? 'allowed' : errorIn(answer);
  }
  const { code, error, access_token: token } = await authorize(made, app, change);
  if (error !== undefined) return String(error);
  if (code === undefined && token !== undefined) return 'allowed';
  made.clock.now += change.wait ?? 0;
  const answer = await redeem(made, app, code, change);
  return answer.status === 200 ? 'allowed' : errorIn(answer);
}

export type { Test };
export { API, SECRET, TOKEN };
