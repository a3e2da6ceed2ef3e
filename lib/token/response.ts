/** Makes the response of the token endpoint from the issued tokens. @see RFC 6749 §5.1 */

import type { Exchange, Respond } from '../plugs.js';
import { isPromise } from '../promise.js';
import { addTo } from '../registry/add.js';
import { formatScope, scopeOf } from '../syntax/scope.js';
import { BEARER } from '../syntax/token-type.js';
import type { Authorization, IssuedTokens, Scope, TokenRequest, TokenResponse } from '../types.js';
import { type Checks, grantTypeOf, type Steps } from './check.js';
import { requireWithheld, type Withheld } from './scope.js';

/** What a response is made from, besides the tokens. */
interface Answering<C, U> {
  readonly exchange: Exchange<C>;
  readonly steps: Steps<C>;
  readonly request: TokenRequest<C>;
  readonly checks: Checks<C, U>;
  readonly withheld: Withheld;
}

/** Makes a function that makes responses. For the same tokens it makes the response once: it may be called before they are stored and again afterwards. */
export function responding<C, U>({ exchange, steps, request, checks, withheld }: Answering<C, U>): Respond {
  let known: { readonly tokens: IssuedTokens; readonly response: TokenResponse } | undefined;
  return async (tokens) => {
    if (known?.tokens === tokens) return known.response;
    const passed = checks.passed();
    const checked = isPromise(passed) ? await passed : passed;
    const response = complete(tokens, scopeToTell(request, checked, withheld), request.tokenType);
    requireWithheld(response, withheld, exchange.name);
    for (const { name, token } of steps) {
      const added = token.respond?.(response, request, checked, grantTypeOf(exchange));
      if (added) addTo(response, await added, name);
    }
    known = { tokens, response };
    return response;
  };
}

/** @throws TypeError if nothing was issued that has an `access_token` */
function complete(issued: IssuedTokens, scope: Scope | undefined, tokenType: string | undefined): TokenResponse {
  if (typeof issued?.access_token !== 'string' || !issued.access_token)
    throw new TypeError('issue gave no access_token');
  const response = Object.assign({}, issued, { token_type: issued.token_type ?? tokenType ?? BEARER });
  if (typeof issued.scope === 'object') Object.assign(response, { scope: formatScope(scopeOf(issued) ?? []) }); // §5.1, §3.3: a text
  // RFC 6749 §5.1: REQUIRED if not what was asked for
  return scope && issued.scope === undefined ? addTo(response, { scope: formatScope(scope) }, 'scope') : response;
}

/** The `scope` of the response. Undefined if the toolkit does not know it, or if no scope was requested or granted. */
function scopeToTell<C>(
  request: TokenRequest<C>,
  authorization: Authorization | undefined,
  withheld: Withheld,
): Scope | undefined {
  if (!authorization) return withheld.length > 0 ? request.scope : undefined;
  const scope = request.scope ?? scopeOf(authorization);
  // also an empty scope, if one was requested: without the member, the client would assume that it got all that it asked for. RFC 6749 §3.3
  return scope?.length || scopeOf(authorization.request)?.length ? scope : undefined;
}
