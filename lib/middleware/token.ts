import createDebug from 'debug';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { Core } from '../core.js';
import { TokenError } from '../errors/token-error.js';
import { WrongKeyError } from '../errors/wrong-key-error.js';
import { addTo } from '../http/add.js';
import { noStore } from '../http/headers.js';
import { grantTypesOf } from '../http/identity.js';
import { answerJSON } from '../http/json.js';
import { readPostedParams } from '../http/params.js';
import { formatScope, malformedScope, scopeOf } from '../http/scope.js';
import type { Exchange, Redemption, Respond } from '../plugs.js';
import type { Authorization, IssuedTokens, Params, TokenRequest, TokenResponse } from '../types.js';
import { type Checking, checking, kindOf, requireChecked, type Steps, stepsFor, warnOfHandmade } from './check.js';
import { clientOf } from './client.js';
import { handlesFor } from './layers.js';

const debug = createDebug('koauthorize:token');

export interface TokenOptions {
  /** Member of `ctx.state` where passport leaves the client. Default `user`. */
  readonly userProperty?: string;
}

/** As oauth2orize's callbacks have it. */
function toBody(params: Params): TokenRequest['body'] {
  const body: Record<string, string> = Object.create(null);
  for (const [name, value] of params) body[name] = value;
  return body;
}

async function parse<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  steps: Steps<C>,
  params: Params,
  userProperty: string,
): Promise<TokenRequest<C>> {
  const { client, method } = clientOf(core, ctx, params, exchange.userProperty ?? userProperty);
  const grantType = params.get('grant_type') ?? exchange.name;
  requireGrantType(client, grantType);
  const request: TokenRequest<C> = {
    grantType,
    client,
    authMethod: method,
    params,
    body: toBody(params),
    authInfo: ctx.state['authInfo'],
  };
  addTo<TokenRequest<C>>(request, exchange.parse?.(params), exchange.name);
  const malformed = malformedScope(request.scope ?? []);
  if (malformed !== undefined) throw new TokenError(`Malformed scope: ${malformed}`, 'invalid_scope'); // RFC 6749 §3.3, §5.2
  for (const { name, token } of steps) {
    if (token.parse) addTo<TokenRequest<C>>(request, await token.parse(params, client, ctx), name);
  }
  return request;
}

/** RFC 6749 §5.2: a client that registered its grant types is authorized for these. */
function requireGrantType<C>(client: C, grantType: string): void {
  if (grantTypesOf(client)?.includes(grantType) ?? true) return;
  throw new TokenError(`Unauthorized grant type: ${grantType}`, 'unauthorized_client');
}

/** Makes whole responses: of the same tokens once, whether it is asked before they are stored or afterwards. */
function responding<C>(steps: Steps<C>, request: TokenRequest<C>, checks: Checking): Respond {
  let known: { readonly tokens: IssuedTokens; readonly response: TokenResponse } | undefined;
  return async (tokens) => {
    if (known?.tokens === tokens) return known.response;
    const checked = await checks.passed();
    const response = complete(tokens, request, checked);
    for (const { name, token } of steps) {
      if (token.respond) addTo(response, await token.respond(response, request, checked), name);
    }
    known = { tokens, response };
    return response;
  };
}

/** Compares the request with what was authorized. Whoever shows a wrong key for a code is not let try again. @throws TokenError */
async function requireAuthorized(
  checks: Checking,
  authorization: Authorization,
  redemption: Redemption,
): Promise<void> {
  try {
    await checks.first(authorization);
  } catch (error) {
    if (error instanceof WrongKeyError) await redemption.spend?.();
    throw error;
  }
}

/** Redeem, check, issue: nobody can skip the middle. */
async function answer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  steps: Steps<C>,
  request: TokenRequest<C>,
): Promise<TokenResponse> {
  const checks = checking(core, exchange, steps, request);
  const redemption = await exchange.redeem(request, ctx);
  if (redemption.authorization) await requireAuthorized(checks, redemption.authorization, redemption);
  const respond = responding(steps, request, checks);
  const issued = await redemption.issue(checks.check, respond);
  if (redemption.checksItself && !(await checks.passed())) requireChecked(exchange, steps);
  return respond(issued);
}

/** @throws TypeError when what was issued is no access token */
function complete<C>(
  issued: IssuedTokens,
  request: TokenRequest<C>,
  authorization: Authorization | undefined,
): TokenResponse {
  if (typeof issued?.access_token !== 'string' || !issued.access_token)
    throw new TypeError('issue gave no access_token');
  const response = Object.assign({}, issued, { token_type: issued.token_type ?? 'Bearer' });
  const scope = authorization && (request.scope ?? scopeOf(authorization));
  // RFC 6749 §5.1: REQUIRED if not what was asked for
  return scope?.length && issued.scope === undefined
    ? addTo(response, { scope: formatScope(scope) }, 'scope')
    : response;
}

/**
 * The token endpoint: parse, redeem, check, issue, respond.
 *
 * @see RFC 6749 §3.2
 */
export function token<C, U>(core: Core<C, U>, { userProperty = 'user' }: TokenOptions): Middleware {
  const answerBy = async (exchange: Exchange<C>, ctx: Context, params: Params): Promise<void> => {
    const steps = stepsFor(core, kindOf(exchange));
    const request = await parse(core, ctx, exchange, steps, params, userProperty);
    answerJSON(ctx, await answer(core, ctx, exchange, steps, request));
    debug('issued: %s', request.grantType);
  };
  const toMiddleware =
    (handle: Exchange<C> | Middleware, params: Params, grantType: string): Middleware =>
    (ctx, next) => {
      if (typeof handle === 'object') return answerBy(handle, ctx, params);
      warnOfHandmade(core, grantType);
      return handle(ctx, next);
    };
  return async function token(ctx) {
    noStore(ctx); // RFC 6749 §5.1
    const params = await readPostedParams(ctx);
    const grantType = params.get('grant_type');
    if (grantType === undefined) throw new TokenError('Missing required parameter: grant_type', 'invalid_request');
    const handles = handlesFor(core.exchangers, grantType);
    const first = handles[0];
    if (typeof first === 'object') return answerBy(first, ctx, params); // as is usual: nothing by hand comes before
    await compose(handles.map((handle) => toMiddleware(handle, params, grantType)))(ctx, () => {
      throw new TokenError(`Unsupported grant type: ${grantType}`, 'unsupported_grant_type');
    });
  };
}
