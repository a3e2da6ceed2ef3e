/** The exchange of assertions for access tokens. @see RFC 7523 §2.1, RFC 7521 §4.1 */
import { assertionVerifier, invalidAssertion, type VerifiedAssertion } from '../../assertion/verify.js';
import { isPublicClient } from '../../clients/registration.js';
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { ConnectedTokens, Exchange, Respond } from '../../plugs.js';
import { parseScope } from '../../syntax/scope.js';
import type { TokenRequest } from '../../types.js';
import { allowedBy } from './authorization.js';
import { ISSUERS, type JWTBearerOptions } from './options.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** @throws TokenError `unauthorized_client` */
function requireConfidential<C, U>(request: TokenRequest<C>, { allowPublicClients }: JWTBearerOptions<C, U>): void {
  if (allowPublicClients === true || !isPublicClient(request)) return;
  const error = new TokenError('Not for public clients', 'unauthorized_client');
  throw reasoned(error, 'The client did not authenticate, and jwtBearer({ allowPublicClients }) is not true', {
    authenticated_by: request.authMethod,
  });
}

function requireAssertion<C>({ params }: TokenRequest<C>): string {
  const assertion = params.get('assertion');
  if (assertion === undefined) throw new TokenError('Missing required parameter: assertion', 'invalid_request');
  return assertion;
}

/** The token service. @throws Error if there is none that issues tokens */
export function tokensOf<C, U>({ tokens }: Core<C, U>) {
  const issue = tokens?.issue?.bind(tokens);
  if (!tokens || !issue) throw new Error('jwtBearer() issues tokens: say createServer({ tokens: tokenService(...) })');
  return { issue, tokens };
}

/** Marks an assertion as used when the response is made, so that one that is refused for another reason can be presented again. */
function spending<C, U>(
  tokens: ConnectedTokens<C, U>,
  { issuer, useOnce }: VerifiedAssertion,
  respond: Respond,
): Respond {
  if (!useOnce) return respond;
  return async (issued) => {
    const response = await respond(issued);
    const { jti, until } = useOnce;
    const isFirst = (await tokens.useOnce(JSON.stringify(['assertion', issuer, jti]), until)) === true;
    if (!isFirst) throw invalidAssertion('it was used before', { iss: issuer, jti }); // RFC 7523 §3 item 7
    return response;
  };
}

export function assertionExchange<C, U>(core: Core<C, U>, options: JWTBearerOptions<C, U>): Exchange<C> {
  const verify = assertionVerifier(options.issuers, options, {
    what: ISSUERS,
    now: () => core.now(),
  });
  return {
    name: JWT_BEARER,
    parse: (params) => ({ scope: parseScope(params.get('scope')) }),
    async redeem(request) {
      requireConfidential(request, options);
      const { issuer = '', locations } = core;
      const assertion = await verify(requireAssertion(request), {
        issuer,
        clientID: core.clientID(request.client) ?? '',
        tokenEndpoint: locations.url(locations.of('token', '/token'), 'endpoints.token', issuer),
        now: core.now(),
      });
      const { authorization, allowed } = await allowedBy(core, options, assertion, request);
      const { issue, tokens } = tokensOf(core);
      return {
        authorization,
        issue: (_check, respond) => issue(allowed, request, spending(tokens, assertion, respond)),
      };
    },
  };
}
