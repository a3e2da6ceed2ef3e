import createDebug from 'debug';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { Core } from '../core.js';
import { TokenError } from '../errors/token-error.js';
import { add } from '../http/add.js';
import { noStore } from '../http/headers.js';
import { readPostedParams } from '../http/params.js';
import { formatScope, malformedScope } from '../http/scope.js';
import type { Exchange, TokenSteps } from '../plugs.js';
import type { Authorization, IssuedTokens, Params, TokenRequest, TokenResponse } from '../types.js';
import { clientOf } from './client.js';

const debug = createDebug('koauthorize:token');

export interface TokenOptions {
  /** Member of `ctx.state` where passport leaves the client. Default `user`. */
  readonly userProperty?: string;
}

type Step<C> = TokenSteps<C> & { readonly name: string };

/** What extensions do at the token endpoint for a grant type. */
function stepsFor<C, U>(core: Core<C, U>, grantType: string): Step<C>[] {
  return core.extensions.flatMap(({ name, token }) =>
    token && (token.grantTypes?.includes(grantType) ?? true) ? [{ ...token, name }] : [],
  );
}

async function parse<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  params: Params,
  userProperty: string,
): Promise<TokenRequest<C>> {
  const client = clientOf(core, ctx, params, exchange.userProperty ?? userProperty);
  const body: Record<string, string> = Object.assign(Object.create(null), Object.fromEntries(params));
  const grantType = params.get('grant_type') ?? exchange.name;
  let request: TokenRequest<C> = { grantType, client, params, body, authInfo: ctx.state['authInfo'] };
  request = add<TokenRequest<C>>(request, exchange.parse?.(params), exchange.name);
  const malformed = malformedScope(request.scope ?? []);
  if (malformed !== undefined) throw new TokenError(`Malformed scope: ${malformed}`, 'invalid_scope'); // RFC 6749 §3.3, §5.2
  for (const step of stepsFor(core, grantType))
    request = add<TokenRequest<C>>(request, await step.parse?.(params, client, ctx), step.name);
  return request;
}

/**
 * Compares a token request with what was authorized: the client, what the exchange itself compares, and the extensions.
 *
 * @throws TokenError
 */
async function check<C, U>(
  core: Core<C, U>,
  exchange: Exchange<C>,
  authorization: Authorization,
  request: TokenRequest<C>,
): Promise<void> {
  if (typeof authorization?.request !== 'object')
    throw new TypeError('check needs the Authorization that the grant was given');
  const clientID = core.clientID(request.client);
  if (clientID === undefined) throw new TypeError('Clients have no client_id: say createServer({ clientID })');
  // RFC 6749 §4.1.3, §6: issued to this client
  if (authorization.clientID !== clientID) throw new TokenError('Issued to another client', 'invalid_grant');
  exchange.check?.(authorization, request);
  for (const step of stepsFor(core, request.grantType)) await step.check?.(authorization, request);
}

/** Redeem, check, issue: nobody can skip the middle. */
async function answer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  request: TokenRequest<C>,
): Promise<TokenResponse> {
  let checked: Authorization | undefined;
  const checks: Promise<void>[] = [];
  const checking = (authorization: Authorization): Promise<void> => {
    const outcome = check(core, exchange, authorization, request).then(() => {
      checked = authorization;
    });
    outcome.catch(() => {}); // for a callback that does not wait: it is heard below
    checks.push(outcome);
    return outcome;
  };
  const redemption = await exchange.redeem(request, ctx);
  if (redemption.authorization) await checking(redemption.authorization);
  const issued = await redemption.issue(checking);
  await Promise.all(checks); // a callback that caught a refusal, or did not wait for it, hands out nothing all the same
  const steps = stepsFor(core, request.grantType);
  const unchecked = redemption.checksItself && !checked && steps.find((step) => step.check);
  if (unchecked) {
    throw new Error(
      `${exchange.name}: call check(authorization) before handing out tokens; ${unchecked.name} has something to check`,
    );
  }
  let response = complete(issued, request, checked);
  for (const step of steps) response = add(response, await step.respond?.(response, request, checked), step.name);
  return response;
}

function complete<C>(
  issued: IssuedTokens,
  request: TokenRequest<C>,
  authorization: Authorization | undefined,
): TokenResponse {
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
      .map(({ handle }): Middleware => (typeof handle === 'function' ? handle : answering(handle, params)));
    await compose(stack)(ctx, () => {
      throw new TokenError(`Unsupported grant type: ${grantType}`, 'unsupported_grant_type');
    });
  };
}
