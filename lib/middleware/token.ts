import createDebug from 'debug';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { Core } from '../core.js';
import { TokenError } from '../errors/token-error.js';
import { add } from '../http/add.js';
import { noStore } from '../http/headers.js';
import { grantTypesOf } from '../http/identity.js';
import { readPostedParams } from '../http/params.js';
import { formatScope, malformedScope } from '../http/scope.js';
import type { Exchange } from '../plugs.js';
import type { Authorization, IssuedTokens, Params, TokenRequest, TokenResponse } from '../types.js';
import { checking, kindOf, requireChecked, stepsFor, warnOfHandmade } from './check.js';
import { clientOf } from './client.js';

const debug = createDebug('koauthorize:token');

export interface TokenOptions {
  /** Member of `ctx.state` where passport leaves the client. Default `user`. */
  readonly userProperty?: string;
}

async function parse<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  params: Params,
  userProperty: string,
): Promise<TokenRequest<C>> {
  const { client, method } = clientOf(core, ctx, params, exchange.userProperty ?? userProperty);
  const body: Record<string, string> = Object.assign(Object.create(null), Object.fromEntries(params));
  const grantType = params.get('grant_type') ?? exchange.name;
  requireGrantType(client, grantType);
  let request: TokenRequest<C> = {
    grantType,
    client,
    authMethod: method,
    params,
    body,
    authInfo: ctx.state['authInfo'],
  };
  request = add<TokenRequest<C>>(request, exchange.parse?.(params), exchange.name);
  const malformed = malformedScope(request.scope ?? []);
  if (malformed !== undefined) throw new TokenError(`Malformed scope: ${malformed}`, 'invalid_scope'); // RFC 6749 §3.3, §5.2
  for (const step of stepsFor(core, kindOf(exchange))) {
    request = add<TokenRequest<C>>(request, await step.parse?.(params, client, ctx), step.name);
  }
  return request;
}

/** RFC 6749 §5.2: a client that registered its grant types is authorized for these. */
function requireGrantType<C>(client: C, grantType: string): void {
  if (grantTypesOf(client)?.includes(grantType) ?? true) return;
  throw new TokenError(`Unauthorized grant type: ${grantType}`, 'unauthorized_client');
}

/** Redeem, check, issue: nobody can skip the middle. */
async function answer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  request: TokenRequest<C>,
): Promise<TokenResponse> {
  const checks = checking(core, exchange, request);
  const redemption = await exchange.redeem(request, ctx);
  if (redemption.authorization) await checks.check(redemption.authorization);
  const issued = await redemption.issue(checks.check);
  const checked = await checks.passed();
  if (redemption.checksItself && !checked) requireChecked(core, exchange);
  let response = complete(issued, request, checked);
  for (const step of stepsFor(core, kindOf(exchange))) {
    response = add(response, await step.respond?.(response, request, checked), step.name);
  }
  return response;
}

/** @throws TypeError when what was issued is no access token */
function complete<C>(
  issued: IssuedTokens,
  request: TokenRequest<C>,
  authorization: Authorization | undefined,
): TokenResponse {
  if (typeof issued?.access_token !== 'string' || !issued.access_token)
    throw new TypeError('issue gave no access_token');
  const scope = authorization && (request.scope ?? authorization.scope);
  return {
    ...issued,
    token_type: issued.token_type ?? 'Bearer',
    // RFC 6749 §5.1: REQUIRED if not what was asked for
    ...(scope?.length && issued.scope === undefined && { scope: formatScope(scope) }),
  };
}

/**
 * The token endpoint: parse, redeem, check, issue, respond.
 *
 * @see RFC 6749 §3.2
 */
export function token<C, U>(core: Core<C, U>, { userProperty = 'user' }: TokenOptions): Middleware {
  const byHand =
    (handle: Middleware, grantType: string): Middleware =>
    (ctx, next) => {
      warnOfHandmade(core, grantType);
      return handle(ctx, next);
    };
  const answering =
    (exchange: Exchange<C>, params: Params): Middleware =>
    async (ctx) => {
      const request = await parse(core, ctx, exchange, params, userProperty);
      ctx.body = await answer(core, ctx, exchange, request);
      debug('issued: %s', request.grantType);
    };
  return async function token(ctx) {
    noStore(ctx); // RFC 6749 §5.1
    const params = await readPostedParams(ctx);
    const grantType = params.get('grant_type');
    if (grantType === undefined) throw new TokenError('Missing required parameter: grant_type', 'invalid_request');
    const stack = core.exchangers
      .filter(({ type }) => type === undefined || type === grantType)
      .map(
        ({ handle }): Middleware =>
          typeof handle === 'function' ? byHand(handle, grantType) : answering(handle, params),
      );
    await compose(stack)(ctx, () => {
      throw new TokenError(`Unsupported grant type: ${grantType}`, 'unsupported_grant_type');
    });
  };
}
