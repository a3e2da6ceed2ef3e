/**
 * An authorization server for FAPI 2.0, and an API. Clients authenticate by private_key_jwt or certificates, and use DPoP or certificate-bound tokens, with or
 * without OpenID Connect and message signing. The registration of each client says which of these it uses. The pages, the login and the storage are minimal:
 * write your own.
 */
import { randomBytes } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import session from 'koa-session';
import {
  type Client,
  type ClientMetadata,
  certificateBoundTokens,
  createServer,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  jwtResponses,
  metadata,
  type OAuth2State,
  openid,
  pushedRequests,
  requestObjects,
  revocation,
  type Server,
  scopes,
} from 'koauthorize';
import { clientAuthentication, privateKeyJwt, tlsClientAuth } from 'koauthorize/client-auth';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { fapi2MessageSigning } from 'koauthorize/profile/fapi2-message-signing';
import { bearer, certificateProof, dpopProof, requireScope } from 'koauthorize/resource-server';
import { generateSigningKey, keySet, memoryStore, type SigningAlgorithm, tokenService } from 'koauthorize/tokens';
import { csrfOf } from '../quickstart/csrf.js';
import { guessLimit } from '../quickstart/throttle.js';
import { SESSION_COOKIE, sessionStore } from './sessions.js';

export type App = Client & ClientMetadata;
export interface User {
  readonly id: string;
  readonly authenticatedAt: number;
}
type Kept = { user?: User };

export interface Place {
  /** The issuer, for browsers, and for programs without a certificate. */
  readonly issuer: string;
  /** The same server on a port that asks for certificates. Browsers must not come there: they would ask their users for a certificate. @see RFC 8705 §5 */
  readonly withCertificates: string;
}

/** FAPI 2.0 Security Profile §5.4.1 */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;
const USERS: ReadonlyMap<string, string> = new Map([['alice', 'wonderland']]);

/** Whether a client registered for message signing. */
const mustSign = (client: App): boolean => client.require_signed_request_object === true;

/** The parts of the server that the profile does not define. @param now epoch seconds, for tests */
async function authorizationServer(
  place: Place,
  clients: readonly App[],
  signing: SigningAlgorithm,
  now: () => number,
) {
  const { issuer, withCertificates } = place;
  const tokens = tokenService<App, User>({ store: memoryStore(), lifetimes: { accessToken: 300 } }); // use a persistent store in production
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const baseURL = [issuer, withCertificates];
  const proofs = [dpopProof({ baseURL, useOnce: tokens.useOnce, now }), certificateProof()];
  const authenticationEvent = ({ authenticatedAt }: User) => ({ authenticatedAt });
  // RS256 is required by OpenID Connect Discovery §3; no client of this profile uses it
  const keys = await keySet({ signing: [await generateSigningKey(signing), await generateSigningKey('RS256')] });
  const server = createServer<App, User>({ issuer, clients: { find }, tokens, keys, authenticationEvent, now });
  const at = (path: string) => `${withCertificates}${path}`;
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(scopes(['openid', 'accounts', 'payments']), openid())
    .extend(dpop({ baseURL }))
    .extend(certificateBoundTokens(), pushedRequests({ required: true }), revocation(tokens.revoke), jwks())
    .extend(introspection(tokens.introspect, { resourceServer: () => false, jwtResponses: true }))
    // for clients that must sign their requests, and for those that choose to
    .extend(requestObjects({ maxLifetime: 3600, byReference: false, algorithms: ALGORITHMS }), jwtResponses())
    .extend(
      metadata({
        mtls_endpoint_aliases: {
          ...{ token_endpoint: at('/token'), pushed_authorization_request_endpoint: at('/par') },
          ...{ userinfo_endpoint: at('/userinfo'), revocation_endpoint: at('/revoke') },
        },
      }),
    )
    .extend(...fapi2<App, User>({ binding: 'either' }))
    .extend(...fapi2MessageSigning<App, User>({ binding: 'either', appliesTo: mustSign }));
  const methods = [privateKeyJwt<App>({ algorithms: ALGORITHMS }), tlsClientAuth<App>()];
  return { server, tokens, proofs, authenticateClient: clientAuthentication<App>({ server, methods }) };
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function page(title: string, action: string, transactionID: string, body: string): string {
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>
<form method="post" action="${action}"><input type="hidden" name="transaction_id" value="${escaped(transactionID)}">${body}</form>`;
}

/** Shows the login, or the consent dialog to a user who is logged in. */
const dialog: Middleware<OAuth2State<App, User>> = (ctx) => {
  const { transactionID = '', client, req, prompts = [], user } = ctx.state.oauth2;
  const needsLogin = !user || prompts.some((word) => word !== 'consent');
  ctx.body = needsLogin
    ? page(
        'Log in',
        '/login',
        transactionID,
        `<input type="hidden" name="csrf" value="${csrfOf(ctx)}"><input name="username"><input name="password" type="password"><button>Log in</button>`,
      )
    : page(
        `Connect ${escaped(client.client_id)}?`,
        '/authorize/decision',
        transactionID,
        `<p>It will be able to use: ${escaped(req.scope?.join(', ') || 'nothing')}</p>
<button id="deny" name="cancel" value="yes">Deny</button> <button id="allow" name="allow" value="yes">Allow</button>`,
      );
};

function sessions(app: Koa): Middleware {
  return session({ key: SESSION_COOKIE, secure: true, sameSite: 'lax', store: sessionStore() } as object, app);
}

const login: Middleware = (ctx, next) => {
  const { user } = ((ctx as Context)['session'] ?? {}) as Kept;
  if (user) ctx.state['user'] = user;
  return next();
};

/** Handles the form of the login. A dialog that waits in the session continues after it. */
function logIn(server: Server<App, User>, now: () => number): Middleware {
  const guesses = guessLimit();
  return async (ctx) => {
    const { csrf, username, password, transaction_id } = (ctx.request as { body?: Record<string, unknown> }).body ?? {};
    if (csrf !== csrfOf(ctx)) ctx.throw(403, 'Please load the page again'); // without this check, another site could log this browser in as the attacker's user
    const name = String(username);
    const wait = await guesses.count(name, ctx.ip);
    if (wait !== undefined) ctx.throw(429, 'Please wait a minute', { retryAfter: wait });
    if (typeof password !== 'string' || USERS.get(name) !== password) ctx.throw(403, 'Wrong user or password');
    await guesses.forget(name, ctx.ip);
    const user: User = { id: name, authenticatedAt: now() };
    const renew = async () => {
      const kept = (ctx as Context)['session'] as Kept & { regenerate(): Promise<void> };
      await kept.regenerate();
      ((ctx as Context)['session'] as Kept).user = user;
      ctx.state['user'] = user;
    };
    const goesOn = await server.renewSession(ctx, renew, { transactionID: String(transaction_id), done: ['login'] });
    ctx.status = 303;
    ctx.redirect(goesOn === undefined ? '/' : `/authorize/resume?transaction_id=${goesOn}`);
  };
}

/** §5.2.3 no. 1: tells browsers to use TLS only. */
const strictTransport: Middleware = (ctx, next) => {
  ctx.set('Strict-Transport-Security', 'max-age=31536000');
  return next();
};

/**
 * The whole application.
 *
 * @param clients the registered clients, with the member names of RFC 7591
 * @param options `signing`: the algorithm by which this server signs, default ES256; `now`: a clock in epoch seconds, for tests
 */
export async function fapiServer(
  place: Place,
  clients: readonly App[],
  { signing = 'ES256' as SigningAlgorithm, now = () => Math.floor(Date.now() / 1000) } = {},
): Promise<Koa> {
  const { server, tokens, proofs, authenticateClient } = await authorizationServer(place, clients, signing, now);

  const router = new Router<OAuth2State<App, User>>();
  router.get('/authorize', login, server.authorization(), dialog);
  router.get(
    '/authorize/resume',
    login,
    server.resume(() => false),
    dialog,
  );
  router.post('/authorize/decision', login, server.decision());
  router.post('/login', bodyParser({ enableTypes: ['form'] }), logIn(server, now));
  server.mount(router, { authenticateClient });
  server.check(); // so that a violation of the profile is an error now, and not at the first request

  const api = new Router();
  api.get(
    '/accounts',
    bearer({ verify: tokens.verify, proofs, now }) as Middleware,
    requireScope('accounts'),
    (ctx) => {
      ctx.body = { of: ctx.state['token'].subject ?? ctx.state['token'].clientID };
    },
  );

  const app = new Koa();
  app.keys = [randomBytes(32).toString('hex')];
  app.use(strictTransport).use(sessions(app)).use(server.errorHandler());
  app.use(router.routes()).use(api.routes());
  return app;
}
