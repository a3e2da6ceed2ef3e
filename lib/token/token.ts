import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import { requireObeyedToken } from '../clients/obeyed.js';
import { requireGrantType } from '../clients/permitted.js';
import type { Core } from '../core.js';
import { debugAbout } from '../errors/debug.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { answersPreflight } from '../http/cors.js';
import { reach } from '../http/endpoint-of.js';
import { noStore } from '../http/headers.js';
import { answerJSON } from '../http/json.js';
import { named } from '../http/named.js';
import { postedParams } from '../http/params.js';
import { requireKnown } from '../options.js';
import type { Exchange, Redemption, Respond } from '../plugs.js';
import { isPromise } from '../promise.js';
import { traceIDOf } from '../refusal/trace-id.js';
import { addTo } from '../registry/add.js';
import { heeded } from '../registry/heeded-scope.js';
import { firstHandleFor, handlesFor } from '../registry/layers.js';
import { toParams } from '../syntax/param-map.js';
import { malformed, NO_TOKEN, PROGRAMS } from '../syntax/parameters.js';
import { faultOfScope } from '../syntax/scope.js';
import type { IssuedTokens, Params, TokenRequest } from '../types.js';
import { Checks, grantTypeOf, rememberedSteps, requireChecked, type Steps, warnOfHandmade } from './check.js';
import { clientOf, findClient } from './client.js';
import { responding } from './response.js';
import { limitAsked } from './scope.js';

const debug = debugAbout('token');

/** Options of `server.token()`. */
export interface TokenOptions {
  /** The member of `ctx.state` where passport puts the client. Default `user`. */
  readonly userProperty?: string;
}

/** The parameters as the object that oauth2orize's callbacks get. */
function toBody(params: Params): TokenRequest['body'] {
  const body: Record<string, string> = Object.create(null);
  params.forEach((value, name) => {
    body[name] = value;
  });
  return body;
}

/** Removes the words that extensions ignore from the scope of a request. @returns what is wrong with the scope if no word is left */
function ignore<C, U>(core: Core<C, U>, request: TokenRequest<C>): string | undefined {
  const asked = request.scope ?? [];
  const scope = heeded(core, asked);
  if (scope.length === asked.length) return undefined;
  Object.assign(request, { scope });
  return scope.length > 0 ? undefined : 'None of the scope is known here';
}

/** The parameters without those that are meant for another server. */
function withoutForeign<C>(exchange: Exchange<C>, params: Params): Params {
  const foreign = exchange.foreign?.(params) ?? [];
  if (foreign.length === 0) return params;
  const own = toParams(params);
  for (const name of foreign) own.delete(name);
  return own;
}

/** The token request with its client, before the exchange and the extensions add their parts. @throws TokenError */
function requestOf<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  params: Params,
  userProperty: string,
): TokenRequest<C> {
  const { client, method } = clientOf(core, ctx, params, exchange.userProperty ?? userProperty);
  const grantType = params.get('grant_type') ?? exchange.name;
  requireGrantType(client, grantType);
  requireObeyedToken(core, client);
  return {
    grantType,
    client,
    authMethod: method,
    params,
    body: toBody(params),
    authInfo: ctx.state['authInfo'],
    traceID: () => traceIDOf(ctx),
  };
}

/** @throws TokenError `invalid_scope`. @see RFC 6749 §3.3, §5.2 */
function requireScope<C, U>(core: Core<C, U>, request: TokenRequest<C>): void {
  const fault = faultOfScope(request.scope) ?? ignore(core, request);
  if (fault !== undefined) throw new TokenError(fault, 'invalid_scope');
}

/** Adds what the extensions read in the request. */
async function addParts<C>(
  ctx: Context,
  exchange: Exchange<C>,
  steps: Steps<C>,
  request: TokenRequest<C>,
): Promise<void> {
  const own = withoutForeign(exchange, request.params);
  for (const { name, token } of steps) {
    const added = token.parse?.(own, request.client, ctx, grantTypeOf(exchange));
    if (added) addTo<TokenRequest<C>>(request, await added, name);
  }
}

/** The tokens that were issued. If a check has failed, its error is thrown, even if the callback caught the error and threw another one. */
async function issuedBy<C, U>(redemption: Redemption, checks: Checks<C, U>, respond: Respond): Promise<IssuedTokens> {
  try {
    return await redemption.issue(checks.check, respond);
  } catch (error) {
    await checks.passed();
    throw error;
  }
}

/** Parse, redeem, check, issue, respond, in this order: no exchange can skip the checks. */
async function answer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  exchange: Exchange<C>,
  steps: Steps<C>,
  params: Params,
  userProperty: string,
): Promise<void> {
  const request = requestOf(core, ctx, exchange, params, userProperty);
  const parsed = exchange.parse?.(params);
  addTo<TokenRequest<C>>(request, isPromise(parsed) ? await parsed : parsed, exchange.name);
  requireScope(core, request);
  if (steps.length > 0) await addParts(ctx, exchange, steps, request);
  const checks = new Checks(core, exchange, steps, request);
  const redeemed = exchange.redeem(request, ctx);
  const redemption = isPromise(redeemed) ? await redeemed : redeemed;
  const limited = redemption.authorization
    ? checks.first(redemption.authorization, redemption)
    : limitAsked(request, { isForItself: !redemption.checksItself, steps });
  const withheld = isPromise(limited) ? await limited : limited;
  const respond = responding({ exchange, steps, request, checks, withheld });
  const issued = await issuedBy(redemption, checks, respond);
  if (redemption.checksItself && !(await checks.passed())) requireChecked(exchange, steps);
  answerJSON(ctx, await respond(issued));
  debug('issued: %s', request.grantType);
}

type AnswerBy<C> = (exchange: Exchange<C>, ctx: Context, params: Params) => Promise<void>;

/** Calls the handlers of a grant type in the order of their registration: a middleware written by hand may pass the request on to the next one. */
function inTurn<C, U>(core: Core<C, U>, userProperty: string, answerBy: AnswerBy<C>) {
  return (ctx: Context, params: Params, grantType: string): Promise<void> => {
    const middleware = handlesFor(core.exchangers, grantType).map(
      (handle): Middleware =>
        (ctx, next) => {
          if (typeof handle === 'object') return answerBy(handle, ctx, params);
          const known = findClient(core, ctx, params, userProperty); // undefined if only the middleware itself can authenticate the client
          if (known) requireGrantType(known.client, grantType);
          warnOfHandmade(core, grantType);
          return handle(ctx, next);
        },
    );
    return compose(middleware)(ctx, () => {
      const error = new TokenError(`Unsupported grant type: ${grantType}`, 'unsupported_grant_type');
      const exchanged = core.exchangers.map(({ type }) => type);
      throw reasoned(error, 'Nothing exchanges this grant type', { exchanged });
    });
  };
}

/**
 * The token endpoint: parse, redeem, check, issue, respond.
 *
 * @see RFC 6749 §3.2
 */
export function token<C, U>(core: Core<C, U>, options: TokenOptions): Middleware {
  requireKnown<TokenOptions>(options, { userProperty: true }, 'server.token');
  const { userProperty = 'user' } = options;
  const stepsOf = rememberedSteps(core);
  const answerBy: AnswerBy<C> = (exchange, ctx, params) =>
    answer(core, ctx, exchange, stepsOf(exchange), params, userProperty);
  const answerInTurn = inTurn(core, userProperty, answerBy);
  return named('token', async (ctx) => {
    core.start();
    reach(ctx, 'token');
    if (answersPreflight(ctx, core.allowOrigins, 'POST')) return;
    noStore(ctx); // RFC 6749 §5.1
    const posted = postedParams(ctx, core.parameters);
    const params = isPromise(posted) ? await posted : posted;
    if (params.get('token') === NO_TOKEN) throw malformed('token', PROGRAMS); // `token` has no special meaning at this endpoint
    const grantType = params.get('grant_type');
    if (grantType === undefined) throw new TokenError('Missing required parameter: grant_type', 'invalid_request');
    const first = firstHandleFor(core.exchangers, grantType);
    if (typeof first === 'object')
      await answerBy(first, ctx, params); // only for speed: in most servers no middleware written by hand comes first
    else await answerInTurn(ctx, params, grantType);
  });
}
