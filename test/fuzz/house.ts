/** The application around it: every route, a body parser or none, and a clock. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import {
  AuthorizationError,
  introspection,
  jwks,
  metadata,
  type OAuth2State,
  revocation,
  type Scope,
} from 'koauthorize';
import {
  bearer,
  certificateProof,
  protectedResource,
  requireAuthentication,
  requireScope,
} from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, opaque } from 'koauthorize/tokens';
import { logErrors, logger } from '../../examples/full/logging.js';
import { ISSUER, type User } from '../support/authorization-server.js';
import { jsonParser, nestingParser } from '../support/body-parsers.js';
import { type FuzzClient, type Registration, registration } from './clients.js';
import { type Listening, listenOn } from './listening.js';
import {
  ACR,
  authenticationOf,
  certificate,
  type FuzzServer,
  type FuzzTokens,
  type Parts,
  serverOf,
  tokensOf,
} from './plugged.js';
import * as is from './promises.js';
import { sessions } from './sessions.js';

/** Says which route answered, for those who judge the answer. */
export const ROUTE = 'X-Fuzz-Route';
export const API = 'https://api.example/me';
/** 2026-01-01 */
export const START = 1_767_225_600;

type State = OAuth2State<FuzzClient, User>;
type Routes = Router<State>;

/** What may read bodies before the toolkit does. Of broken gzip @koa/bodyparser by itself says nothing that is 4xx. */
const PARSERS: Readonly<Record<string, Middleware | undefined>> = {
  'no body parser': undefined,
  '@koa/bodyparser': bodyParser({ onError: (_error, ctx) => ctx.throw(400) }),
  'arrays and objects': nestingParser,
  'JSON only': jsonParser,
};
export const VARIANTS = Object.keys(PARSERS);

export const as =
  (route: string): Middleware =>
  async (ctx, next) => {
    ctx.set(ROUTE, route);
    await next();
  };

const USERS = ['alice', 'bob', ACR];

/** `X-User` is who is logged in, and somebody always is. */
const login: Middleware = async (ctx, next) => {
  const id = USERS.find((user) => user === ctx.get('X-User')) ?? 'alice';
  ctx.state['user'] = { id, name: id };
  await next();
};

export const dialog: Middleware = (ctx) => {
  ctx.type = 'html';
  ctx.body = `<form method="post"><input name="transaction_id" value="${ctx.state['oauth2'].transactionID}"></form>`;
};

function dialogRoutes(router: Routes, server: FuzzServer, { watch, registration }: Parts): void {
  const validate = watch.over(
    'validate',
    [is.text, is.optional(is.text), is.optional(is.words), is.anyText, is.areq],
    (id: string, uri: string | undefined) => [registration.find(id), uri] as const,
  );
  const asked = [is.anything, is.anything, is.optional(is.words), is.text, is.areq];
  const immediate = watch.over('immediate', asked, (_client: FuzzClient, _user: User, scope: Scope | undefined) =>
    scope?.includes('instant') ? ([true, { kept: 1 }] as const) : false,
  );
  const complete = watch.over('complete', [is.anything, is.transaction], () => {});
  const parse = watch.over(
    'parse',
    [is.anything, is.form],
    (_ctx: unknown, form: Readonly<Record<string, unknown>>) => ({
      ...(typeof form['scope'] === 'string' && { scope: form['scope'] }),
    }),
  );
  const again = watch.over(
    'immediate, resumed',
    asked,
    ({ client_id }: FuzzClient, _user: User) => client_id === 'spa',
  );
  const authorize = server.authorization(validate, immediate, complete);
  router.get('/authorize', as('authorize'), login, authorize, dialog);
  router.post('/authorize', as('authorize'), login, authorize, dialog);
  router.all('/decision', as('decision'), login, server.decision(parse, complete));
  router.all('/resume', as('resume'), login, server.resume(again, complete), dialog);
  router.all('/login', as('login'), login, server.authorizationErrorHandler(), () => {
    throw new AuthorizationError('The login was given up', 'access_denied');
  });
}

function clientRoutes(router: Routes, server: FuzzServer, parts: Parts, tokens: FuzzTokens): void {
  const { watch } = parts;
  const authenticate = authenticationOf(parts, tokens);
  server.extend(authenticate);
  const inquired = [is.text, is.anything, is.optional(is.text)];
  const introspect = watch.over('introspect', inquired, (token: string, client: FuzzClient) =>
    tokens.introspect(token, client),
  );
  const revoke = watch.over('revoke', inquired, tokens.revoke);
  const resourceServer = ({ client_id }: FuzzClient): boolean => client_id === 'api';
  router.all('/token', as('token'), authenticate, server.token());
  router.all(
    '/introspect',
    as('introspect'),
    authenticate,
    server.endpoint(introspection(introspect, { resourceServer })),
  );
  router.all('/revoke', as('revoke'), authenticate, server.endpoint(revocation(revoke)));
}

function apiRoutes(router: Routes, { watch, now }: Parts, tokens: FuzzTokens, resource: { metadataURL: string }): void {
  const verify = watch.over('verify', [is.text], tokens.verify);
  const options = { verify, now, proofs: [certificateProof({ certificate })], resource };
  const inside: Middleware = (ctx) => {
    ctx.body = { in: true };
  };
  router.all('/me', as('bearer'), bearer(options), inside);
  router.all(
    '/me/anywhere',
    as('bearer'),
    bearer({ ...options, allowTokenInForm: true, allowTokenInQuery: true }),
    inside,
  );
  router.all('/me/write', as('bearer'), bearer(options), requireScope('write'), inside);
  router.all('/me/strong', as('bearer'), bearer(options), requireAuthentication({ acr: ACR, maxAge: 2000 }), inside);
}

export interface House extends Listening {
  readonly name: string;
  readonly app: Koa;
  readonly clock: { now: number };
  readonly watch: is.Watch;
  readonly tokens: Pick<FuzzTokens, 'code' | 'refreshToken'>;
  readonly registration: Registration;
  /** What the operator saw. */
  readonly errors: Error[];
}

export async function openHouse(name: string): Promise<House> {
  const [clock, watch, errors] = [{ now: START }, new is.Watch(), [] as Error[]];
  const keys = await keySet({ signing: await generateSigningKey('EdDSA') });
  const signs = name === 'JSON only';
  const accessTokens = signs ? jwt({ issuer: ISSUER, audience: API, keys }) : opaque();
  const parts: Parts = { registration: await registration(), watch, accessTokens, now: () => clock.now };
  const tokens = tokensOf(parts);
  const server = serverOf(parts, tokens);
  const resource = protectedResource({ resource: API, authorization_servers: [ISSUER] });
  const router: Routes = new Router<State>();
  dialogRoutes(router, server, parts);
  clientRoutes(router, server, parts, tokens);
  apiRoutes(router, parts, tokens, resource);
  router.all('/jwks', as('document'), server.endpoint(jwks(keys)));
  router.all('/.well-known/oauth-authorization-server', as('document'), server.endpoint(metadata()));

  const app = new Koa();
  app.keys = ['a key for tests'];
  app.on('error', (error) => errors.push(error));
  app.on('error', logErrors(logger('trace', { write: () => {} }))); // as users have it: what it throws becomes a process warning
  app.use(sessions(app, name)).use(server.errorHandler()).use(resource);
  const parser = PARSERS[name];
  if (parser) app.use(parser);
  app.use(router.routes());
  const listening = await listenOn(app);
  return { name, app, clock, watch, tokens, registration: parts.registration, errors, ...listening };
}
