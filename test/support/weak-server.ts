/**
 * An authorization server by hand, on Koa alone: sound, unless it is told to be weak. It is what the attack suite is tested with: for each
 * attack there is a flaw of its name.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context } from 'koa';
import type { AttackClient, AttackTarget, Visitor } from 'koauthorize/testing';
import { authorizationEndpoint, resumeEndpoint } from './weak/authorize.js';
import { askedDecision, askedPage, backchannelEndpoint, SIGNING } from './weak/backchannel.js';
import { introspectingResource, introspectionEndpoint, resource, revocationEndpoint, userinfo } from './weak/bearer.js';
import { deviceDecision, deviceEndpoint, verificationPage } from './weak/device.js';
import { OTHER_RESOURCE, reservedToken } from './weak/exchange.js';
import type { Flaw, Weak } from './weak/flaws.js';
import { readPage } from './weak/form.js';
import { logoutDecisionEndpoint, logoutEndpoint, returnAddress } from './weak/logout.js';
import { responseTypes } from './weak/openid.js';
import { showError, showLogin } from './weak/pages.js';
import { pushEndpoint } from './weak/pushed.js';
import { Refusal } from './weak/refusal.js';
import { configurationEndpoint, registrationEndpoint } from './weak/registration.js';
import { RESOURCES } from './weak/resources.js';
import { decisionEndpoint } from './weak/response.js';
import { keys } from './weak/signed-response.js';
import { random, State, type WeakClient } from './weak/state.js';
import { tokenEndpoint } from './weak/token.js';

export { FLAWS, type Flaw, VARIANTS } from './weak/flaws.js';

type Endpoint = (ctx: Context, state: State, weak: Weak) => void | Promise<void>;

async function logIn(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readPage(ctx, weak);
  const before = ctx.cookies.get('session');
  const isKept = weak('session-fixation') || weak('session-fixation:login-page');
  const session = (isKept && before) || random();
  state.sessions.set(session, { session, user: form.get('user') ?? '', at: state.time() });
  ctx.cookies.set('session', session, { sameSite: 'lax' });
  if (!ctx.cookies.get('browser')) ctx.cookies.set('browser', random(), { sameSite: 'lax' });
  const returnTo = form.get('return_to') ?? '';
  ctx.status = 303;
  ctx.redirect(/^\/\w/.test(returnTo) ? returnTo : '/login');
}

function metadata(ctx: Context, { issuer }: State, weak: Weak): void {
  ctx.body = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    registration_endpoint: `${issuer}/register`,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    backchannel_authentication_endpoint: `${issuer}/backchannel_authentication`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: responseTypes(weak),
    id_token_signing_alg_values_supported: ['ES256'],
    claims_parameter_supported: true,
    request_parameter_supported: true,
    authorization_signing_alg_values_supported: ['ES256'],
    dpop_signing_alg_values_supported: ['ES256'],
  };
}

const PAGES: ReadonlyMap<string, Endpoint> = new Map([
  [
    'GET /login',
    (ctx, _state, weak) => showLogin(ctx, weak, new URLSearchParams(ctx.querystring).get('return_to') ?? ''),
  ],
  ['POST /login', logIn],
  ['GET /authorize', authorizationEndpoint],
  ['GET /resume', resumeEndpoint],
  ['GET /logout', logoutEndpoint],
  ['POST /logout', logoutEndpoint],
  ['POST /logout/decision', logoutDecisionEndpoint],
  ['GET /device', verificationPage],
  ['POST /device', verificationPage],
  ['POST /device/decision', deviceDecision],
  ['GET /backchannel', askedPage],
  ['POST /backchannel/decision', askedDecision],
  ['POST /decision', decisionEndpoint],
  ['GET /decision', decisionEndpoint], // where that is a flaw
]);

const PROGRAMS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/token', tokenEndpoint],
  ['/par', pushEndpoint],
  ['/device_authorization', deviceEndpoint],
  ['/backchannel_authentication', backchannelEndpoint],
  ['/register', registrationEndpoint],
  ['/register/client', configurationEndpoint],
  ['/jwks', keys],
  ['/introspect', introspectionEndpoint],
  ['/revoke', revocationEndpoint],
  ['/resource', resource],
  ['/introspecting-resource', introspectingResource],
  ['/userinfo', userinfo],
  ['/.well-known/oauth-authorization-server', metadata],
]);

/** Errors: of pages as pages, of programs as JSON (RFC 6749 §5.2). */
async function run(ctx: Context, state: State, weak: Weak): Promise<void> {
  const [page, program] = [PAGES.get(`${ctx.method} ${ctx.path}`), PROGRAMS.get(ctx.path)];
  ctx.set('Cache-Control', 'no-store');
  try {
    await (page ?? program)?.(ctx, state, weak);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === state.failsFor) throw new Error('failed', { cause: error });
    if (page) showError(ctx, weak, error.message);
    else ctx.body = { error: error.code, error_description: error.message };
    ctx.status = error.status;
  }
}

function attackClient({ redirect_uris, scope, ...client }: WeakClient): AttackClient {
  return {
    ...client,
    redirect_uri: redirect_uris[0],
    redirect_uris,
    post_logout_redirect_uri: returnAddress(client.client_id),
    scope: scope.join(' '),
  };
}

function targetOf(state: State): AttackTarget {
  const { issuer, clients, agreed, grace, trusted } = state;
  const [first, other] = trusted;
  const [client, otherClient, publicClient, service, assertionClient] = [...clients.values()].map(attackClient);
  if (!client || service?.client_secret === undefined) throw new Error('no client');
  const { client_id, client_secret } = service;
  const logInAs = (user: string) => async (visitor: Visitor) =>
    visitor.submit(await visitor.get(`${issuer}/login`), { user });
  return {
    issuer,
    endpoints: { resource: `${issuer}/resource`, introspecting_resource: `${issuer}/introspecting-resource` },
    ...{ client, otherClient, publicClient, assertionClient, resources: RESOURCES },
    backchannel: {
      client,
      signingClient: otherClient?.client_id === SIGNING ? otherClient : undefined,
      loginHint: 'alice',
      open: (visitor, message) => visitor.get(`${issuer}/backchannel?message=${message}`),
    },
    assertions: { ...first, subject: 'alice', typ: 'oauth-id-jag+jwt', other },
    exchange: {
      service: { client_id, client_secret },
      otherResource: OTHER_RESOURCE,
      reservedToken: () => reservedToken(state),
    },
    login: logInAs('alice'),
    loginOther: logInAs('mallory'),
    grace,
    wait(seconds) {
      state.now += seconds;
    },
    forget: (_visitor, { client_id }) => agreed.delete(client_id),
  };
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

export interface RunningWeak {
  readonly target: AttackTarget;
  stop(): Promise<void>;
}

export interface WeakOptions {
  /** What is wrong with it; nothing, unless it is said. */
  readonly flaws?: readonly Flaw[];
  /** A path where it refuses everything. */
  readonly refuses?: string;
  /** An error that it does not tell of, but fails. */
  readonly failsFor?: string;
  /** Seconds in which it answers a spent refresh token again, with the same answer. */
  readonly grace?: number;
  /** How many wrong secrets it takes before it looks at none any more. */
  readonly guesses?: number;
}

export async function startWeak({
  flaws = [],
  refuses,
  failsFor,
  guesses,
  grace = 0,
}: WeakOptions = {}): Promise<RunningWeak> {
  const weak: Weak = (flaw) => flaws.includes(flaw);
  const http = createServer();
  await listen(http); // the issuer contains the port, so it is known only now
  const state = new State(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, weak);
  const app = new Koa();
  app.silent = true; // what a flaw throws is for the attack to see
  state.grace = grace;
  state.failsFor = failsFor;
  if (guesses !== undefined) state.guessesLeft = guesses;
  app.use((ctx) => (ctx.path === refuses ? ctx.throw(400) : run(ctx, state, weak)));
  http.on('request', app.callback());
  return {
    target: targetOf(state),
    stop: () =>
      new Promise((resolve, reject) => {
        http.close((error) => (error ? reject(error) : resolve()));
        http.closeAllConnections();
      }),
  };
}
