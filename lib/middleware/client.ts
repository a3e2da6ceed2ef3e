import type { Context } from 'koa';
import type { Core } from '../core.js';
import { TokenError } from '../errors/token-error.js';
import { basicUserIDs, isBasic } from '../http/basic.js';
import { authorizationOf, hasSeveralAuthorizations, noStore } from '../http/headers.js';
import { clientIDOf } from '../http/identity.js';
import { readPostedParams } from '../http/params.js';
import { perRequest } from '../http/per-request.js';
import { type Authenticated, authenticatedClient } from '../state.js';
import type { Params } from '../types.js';

/** Whether passport took `ctx.state.user` from the session: a person who is logged in, not a client who authenticated. */
function isFromSession(ctx: Context): boolean {
  return ctx.state['authInfo'] === undefined && ctx['session']?.passport?.user !== undefined;
}

/** Where oauth2orize's applications have the identifier of their clients, when they did not say `createServer({ clientID })`. */
const NAMES = ['id', 'clientId', 'clientID'];

/** Whom the request names, in each of the places where it may: as it stands, or decoded. */
function claimsOf(ctx: Context, params: Params): readonly (readonly string[])[] {
  const basic = basicUserIDs(authorizationOf(ctx));
  const inBody = params.get('client_id');
  return [...(basic.length ? [basic] : []), ...(inBody === undefined ? [] : [[inBody]])];
}

/** A logged-in user has an `id` too, but no client's secret to send. */
function hasSecret(ctx: Context, params: Params): boolean {
  return params.has('client_secret') || basicUserIDs(authorizationOf(ctx)).length > 0;
}

/** Whether the request says that it comes from this client, and from no other. */
function isClaimed<C>(core: Core<C>, ctx: Context, params: Params, client: C): boolean {
  const viaPassport = ctx.state['authInfo'] !== undefined;
  const claims = claimsOf(ctx, params);
  if (!claims.length) return viaPassport;
  const isNamed = (id: unknown): boolean => claims.every((claim) => claim.includes(String(id ?? '')));
  const id = core.clientID(client);
  const isNoUser = viaPassport || clientIDOf(client) !== undefined || hasSecret(ctx, params);
  if (!isNoUser) return false;
  if (id !== undefined) return isNamed(id);
  return viaPassport || NAMES.some((name) => isNamed(Reflect.get(Object(client), name)));
}

/** What a request can prove its client by, besides a certificate, which may be there for other reasons. */
function proofsIn(ctx: Context, params: Params): number {
  const inForm = Number(params.has('client_secret')) + Number(params.has('client_assertion'));
  return inForm + Number(isBasic(authorizationOf(ctx)));
}

/** Whether a request says who its client is, and proves nothing by it. */
export function isUnproved(ctx: Context, params: Params): boolean {
  return params.has('client_id') && proofsIn(ctx, params) === 0;
}

/** The parameters that were compared with the headers of their request. */
const compared = perRequest<Params>('one method');

/** RFC 6749 §2.3: a client MUST NOT use more than one authentication method in each request. @throws TokenError */
export function requireOneMethod(ctx: Context, params: Params): void {
  if (compared.of(ctx) === params) return; // once is enough
  if (proofsIn(ctx, params) > 1 || hasSeveralAuthorizations(ctx))
    throw new TokenError('More than one way of client authentication', 'invalid_request');
  compared.set(ctx, params);
}

/**
 * The client of a token request: the one that our client authentication found, or, as in oauth2orize, what passport left where
 * users are. A logged-in end user is never taken for a client.
 *
 * @throws TokenError `invalid_client`, or `invalid_request` when it authenticates twice. @see RFC 6749 §3.2.1, §5.2
 */
export function clientOf<C, U>(core: Core<C, U>, ctx: Context, params: Params, userProperty: string): Authenticated<C> {
  requireOneMethod(ctx, params);
  const authenticated = authenticatedClient<C>(ctx);
  if (authenticated) return authenticated;
  const client: C | undefined = ctx.state[userProperty];
  if (client && !isFromSession(ctx) && isClaimed(core as Core<C>, ctx, params, client)) return { client };
  throw new TokenError('Client authentication failed', 'invalid_client');
}

/** What an authenticated client asks about a token, or wants done with it. */
export interface TokenInquiry<C> extends Authenticated<C> {
  readonly token: string;
  /** What the client believes the token to be; only a hint. */
  readonly hint: string | undefined;
}

/** Reads the request of an endpoint that is about one token. @throws OAuth2Error. @see RFC 7009 §2.1, RFC 7662 §2.1 */
export async function readInquiry<C, U>(
  core: Core<C, U>,
  ctx: Context,
  userProperty: string,
): Promise<TokenInquiry<C>> {
  noStore(ctx);
  const params = await readPostedParams(ctx);
  const { client, method } = clientOf(core, ctx, params, userProperty); // against token scanning
  const token = params.get('token');
  if (token === undefined) throw new TokenError('Missing required parameter: token', 'invalid_request');
  return { client, method, token, hint: params.get('token_type_hint') };
}
