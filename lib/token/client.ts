import type { Context } from 'koa';
import type { Core } from '../core.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { basicUserIDs, isBasic } from '../http/basic.js';
import { authorizationOf, hasSeveralAuthorizations, noStore } from '../http/headers.js';
import { postedParams } from '../http/params.js';
import { isPromise, requireNoPromise } from '../promise.js';
import { NO_TOKEN } from '../syntax/parameters.js';
import type { Params } from '../types.js';
import { requireFaultless } from './assertion.js';
import { type Authenticated, authenticatedClient } from './authenticated-client.js';

/** The client identifiers in the request: for each place that has one, its possible readings (a Basic header has two, encoded and not). */
function claimsOf(ctx: Context, params: Params): readonly (readonly string[])[] {
  const header = authorizationOf(ctx);
  const inBody = params.get('client_id');
  return [...(isBasic(header) ? [basicUserIDs(header)] : []), ...(inBody === undefined ? [] : [[inBody]])];
}

/**
 * Whether the request names no other client than this one. With `createServer({ clients })`, an object without a client identifier is not a client: it may be
 * a user. Without it, applications that come from oauth2orize may have clients whose identifier the toolkit cannot read.
 */
function isNamed<C>(core: Core<C>, ctx: Context, params: Params, client: C): boolean {
  const id = core.clientID(client);
  if (id === undefined) return !core.findsClients;
  return claimsOf(ctx, params).every((claim) => claim.includes(id));
}

/** Whether the form names another client than the one that has authenticated. @see RFC 7521 §4.2 */
function isAnother<C>(core: Core<C>, params: Params, client: C): boolean {
  const inForm = params.get('client_id');
  return inForm !== undefined && inForm !== (core.clientID(client) ?? inForm);
}

/** How many client credentials a request has. A certificate is not counted, since a connection may have one for other reasons. */
function proofsIn(ctx: Context, params: Params): number {
  const inForm = Number(params.has('client_secret')) + Number(params.has('client_assertion'));
  return inForm + Number(isBasic(authorizationOf(ctx)));
}

/** Whether a request has a `client_id` and no credentials. */
export function isUnproved(ctx: Context, params: Params): boolean {
  return params.has('client_id') && proofsIn(ctx, params) === 0;
}

/** The credentials of a request, by name. */
function waysIn(ctx: Context, params: Params): readonly string[] {
  return [
    ...['client_secret', 'client_assertion'].filter((name) => params.has(name)),
    ...(authorizationOf(ctx) ? ['Authorization header'] : []),
    ...(hasSeveralAuthorizations(ctx) ? ['another Authorization header'] : []),
  ];
}

/** RFC 6749 §2.3: a client MUST NOT use more than one authentication method in each request. @throws TokenError */
export function requireOneMethod(ctx: Context, params: Params): void {
  if (proofsIn(ctx, params) > 1 || hasSeveralAuthorizations(ctx))
    throw reasoned(
      new TokenError('More than one way of client authentication', 'invalid_request'),
      'A request may authenticate in one way',
      { came: waysIn(ctx, params) },
    );
}

/** @throws Error if the server of the client authentication finds its clients elsewhere: a tenant's client would get tokens of another tenant. @see RFC 6749 §2.3 */
function requireOwnRegistry<C, U>({ clientRegistry, name }: Core<C, U>, registry: object | undefined): void {
  if (registry === undefined || clientRegistry === undefined || registry === clientRegistry) return;
  throw new Error(
    `The client authentication in front of an endpoint of the server ${name} is that of another server, with other clients. Use clientAuthentication({ server }) of this one, or give both servers the same object: createServer({ clients })`,
  );
}

/**
 * The client that has authenticated: the one that a client authentication set, or, as in oauth2orize, the one that passport left in the member for users. A
 * user who is logged in by a session never counts as a client: passport sets `authInfo` only if it has authenticated this request itself.
 *
 * @throws TokenError `invalid_request` if the request has several credentials
 * @throws Error if the client authentication is that of a server with other clients
 */
export function findClient<C, U>(
  core: Core<C, U>,
  ctx: Context,
  params: Params,
  userProperty: string,
): Authenticated<C> | undefined {
  requireOneMethod(ctx, params);
  const authenticated = authenticatedClient<C>(ctx);
  if (authenticated) {
    requireOwnRegistry(core, authenticated.registry);
    return isAnother(core as Core<C>, params, authenticated.client) ? undefined : authenticated;
  }
  const client: C | undefined = ctx.state[userProperty];
  const isPassports = client && ctx.state['authInfo'] !== undefined;
  return isPassports && isNamed(core as Core<C>, ctx, params, client) ? { client } : undefined;
}

/**
 * The client of a token request.
 *
 * @param userProperty the member of `ctx.state` where passport puts the client: `user`
 * @throws TokenError `invalid_client`, or `invalid_request` if the request has several credentials
 * @example const { client } = clientOf(core, ctx, await readPostedParams(ctx, core.parameters), 'user');
 * @see RFC 6749 §3.2.1, §5.2
 */
export function clientOf<C, U>(core: Core<C, U>, ctx: Context, params: Params, userProperty: string): Authenticated<C> {
  const found = findClient(core, ctx, params, userProperty);
  if (found) {
    requireFaultless(core, ctx, found.client);
    for (const extension of core.extensions) {
      const told: unknown = extension.authenticated?.(found, ctx);
      if (told !== undefined) requireNoPromise(`authenticated of ${extension.name}`, told);
    }
    return found;
  }
  throw reasoned(
    new TokenError('Client authentication failed', 'invalid_client'),
    whyNone(core as Core<C>, ctx, userProperty),
    { named: claimsOf(ctx, params).flat(), came: waysIn(ctx, params) },
  );
}

function whyNone<C>(core: Core<C>, ctx: Context, userProperty: string): string {
  const left: C | undefined = ctx.state[userProperty];
  return left && ctx.state['authInfo'] !== undefined && core.findsClients && core.clientID(left) === undefined
    ? `What passport left in ctx.state.${userProperty} has no client_id: it is a user, or createServer({ clientID }) must say how to read it`
    : 'No client authentication said who the client is, or it is another than the request names';
}

/** The request of an authenticated client about one token: it asks about the token, or ends it. */
export interface TokenInquiry<C> extends Authenticated<C> {
  /** Undefined if the value has characters that no token has. Then no callback is called. */
  readonly token: string | undefined;
  /** What the client believes the token to be; only a hint. */
  readonly hint: string | undefined;
}

/**
 * Reads a request to an endpoint at which clients ask about a token, or end it.
 *
 * @param userProperty the member of `ctx.state` where passport puts the client: `user`
 * @throws OAuth2Error for a client that has not authenticated, and a missing or malformed parameter
 * @example const { client, token } = await readInquiry(core, ctx, 'user');
 * @see RFC 7009 §2.1, RFC 7662 §2.1
 */
export async function readInquiry<C, U>(
  core: Core<C, U>,
  ctx: Context,
  userProperty: string,
): Promise<TokenInquiry<C>> {
  noStore(ctx);
  const posted = postedParams(ctx, core.parameters);
  const params = isPromise(posted) ? await posted : posted;
  const { client, method } = clientOf(core, ctx, params, userProperty); // against token scanning
  const token = params.get('token');
  if (token === undefined) throw new TokenError('Missing required parameter: token', 'invalid_request');
  return { client, method, token: token === NO_TOKEN ? undefined : token, hint: params.get('token_type_hint') };
}
