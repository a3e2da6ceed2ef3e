/** The exchange of tokens for tokens. @see RFC 8693 §2 */
import { isPublicClient } from '../../clients/registration.js';
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { requireSeconds } from '../../options.js';
import type { Exchange } from '../../plugs.js';
import { faultOfScope, parseScope } from '../../syntax/scope.js';
import type { IssuedTokens, Params, Scope, TokenRequest } from '../../types.js';
import { accessTokenOf } from './access-token.js';
import { readAllowed } from './allowed.js';
import { type Actor, actorOf, chainOf, requireMayAct } from './delegation.js';
import { endOfExchange, requireKeys, requireURIs, scopeOfExchange } from './granted.js';
import { unacceptable, unsupported } from './invalid.js';
import { isForOther, issuerOf } from './issuers.js';
import { ACCESS_TOKEN, JWT, TOKEN_EXCHANGE } from './names.js';
import type { AllowedExchange, AskedExchange, ExchangedFor, TokenExchangeOptions } from './options.js';
import { Presented, type PresentedToken } from './presented.js';

/** §2.2.1: the `token_type` of a token that is no access token. */
const NO_TYPE = 'N_A';

function required(params: Params, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new TokenError(`Missing required parameter: ${name}`, 'invalid_request');
  return value;
}

/** @throws TokenError `unauthorized_client` */
function requireConfidential<C>(request: TokenRequest<C>, { allowPublicClients }: TokenExchangeOptions<C>): void {
  if (allowPublicClients === true || !isPublicClient(request)) return;
  const error = new TokenError('Not for public clients', 'unauthorized_client');
  throw reasoned(error, 'The client did not authenticate, and tokenExchange({ allowPublicClients }) is not true', {
    authenticated_by: request.authMethod,
  });
}

/** §2.1: actor_token_type is REQUIRED with an actor token, and MUST NOT be there without one. */
async function actorIn<C, U>(presented: Presented<C, U>, { params, client }: TokenRequest<C>) {
  const [token, type] = [params.get('actor_token'), params.get('actor_token_type')];
  if ((token === undefined) !== (type === undefined))
    throw new TokenError('actor_token and actor_token_type come together', 'invalid_request');
  if (token === undefined || type === undefined) return undefined;
  return presented.read('actor_token', token, type, client);
}

/** A request for an exchange, with what is needed to check it. */
interface Judging<C, U> {
  readonly core: Core<C, U>;
  readonly options: TokenExchangeOptions<C>;
  readonly presented: Presented<C, U>;
}

/** An exchange that the policy allows. */
interface Exchanging<C> {
  readonly asked: AskedExchange<C>;
  readonly allowed: AllowedExchange;
  /** The actor that the new token names. */
  readonly actor: Actor | undefined;
}

/** The actor that `may_act` is compared with. The client counts as the actor even if the new token will not name it. */
function actingFor(actor: PresentedToken | undefined, clientID: string, iss: string | undefined): Actor {
  return actor ? actorOf(actor) : { sub: clientID, client_id: clientID, iss };
}

async function subjectIn<C, U>(presented: Presented<C, U>, { params, client }: TokenRequest<C>) {
  const [token, type] = [required(params, 'subject_token'), required(params, 'subject_token_type')];
  return presented.read('subject_token', token, type, client);
}

/** `scope`, whose words may be those of another server. @throws TokenError */
function scopeIn(params: Params): Scope | undefined {
  const scope = parseScope(params.get('scope'));
  const fault = faultOfScope(scope);
  if (fault !== undefined) throw new TokenError(fault, 'invalid_scope');
  return scope;
}

/** @throws TokenError for an invalid request, and for an exchange that is not allowed */
async function judge<C, U>(
  { core, options, presented }: Judging<C, U>,
  request: TokenRequest<C>,
  clientID: string,
): Promise<Exchanging<C>> {
  const { client, params, requestedTokenType } = request;
  const scope = request.scope ?? scopeIn(params);
  const subject = await subjectIn(presented, request);
  const actor = await actorIn(presented, request);
  for (const one of actor ? [subject, actor] : [subject])
    requireKeys(one, request, options.allowBoundTokensOfOthers === true);
  const acting = actingFor(actor, clientID, core.issuer);
  requireMayAct(subject, acting);
  const targets = { audience: params.all('audience'), resource: params.all('resource') };
  requireURIs(targets.resource);
  const asked = { client, subject, actor, scope, ...targets, requestedTokenType };
  const allowed = readAllowed(await options.allow(asked));
  if (allowed) return { asked, allowed, actor: actor || allowed.namesActor !== false ? acting : undefined };
  throw unacceptable('The exchange is not allowed', 'tokenExchange({ allow }) refused it', {
    client: clientID,
    subject: subject.subject,
    ...targets,
  });
}

/** The values from which the new token is made. @throws OAuth2Error */
function exchangedOf<C, U>({ core, options }: Judging<C, U>, { asked, allowed, actor }: Exchanging<C>) {
  // further words are those of another server: in tokens of this server, the scope never exceeds that of the subject token
  const further = isForOther(options, asked.requestedTokenType) ? allowed.allowFurtherScope : undefined;
  return {
    ...asked,
    allowed,
    grantedScope: scopeOfExchange(asked, allowed, further),
    endsAt: endOfExchange(asked.subject, allowed, core.now()),
    act: chainOf(asked.subject, actor, options.maxDepth ?? 4),
  };
}

/** Issues a token of another type, by the application or another extension. */
async function issueOther<C>(
  exchanged: ExchangedFor<C>,
  issuer: NonNullable<TokenExchangeOptions<C>['issues']>[string],
): Promise<IssuedTokens> {
  const { token, expiresIn, scope = exchanged.grantedScope } = await issuer(exchanged);
  if (expiresIn !== undefined) requireSeconds('What tokenExchange({ issues }) gives as expiresIn', expiresIn, 0);
  return {
    access_token: token,
    token_type: NO_TYPE,
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
    ...(scope.length > 0 && { scope: scope.join(' ') }),
  };
}

export function tokenExchangeOf<C, U>(core: Core<C, U>, options: TokenExchangeOptions<C>): Exchange<C> {
  const judging: Judging<C, U> = { core, options, presented: new Presented(core, options.tokens ?? {}) };
  const asksOther = (params: Params): boolean => isForOther(options, params.get('requested_token_type'));
  return {
    name: TOKEN_EXCHANGE,
    parse: (params) => ({
      scope: asksOther(params) ? undefined : parseScope(params.get('scope')),
      requestedTokenType: params.get('requested_token_type'),
    }),
    foreign: (params) => (asksOther(params) ? ['resource', 'scope'] : []),
    async redeem(request) {
      requireConfidential(request, options);
      const clientID = core.clientID(request.client);
      if (clientID === undefined) throw new TypeError('Clients have no client_id: say createServer({ clientID })');
      const { requestedTokenType: type = ACCESS_TOKEN } = request;
      const issuer = issuerOf(options, type);
      if (!issuer && type !== ACCESS_TOKEN && type !== JWT)
        throw unsupported(type, 'Nothing here issues tokens of this type');
      const exchanged = exchangedOf(judging, await judge(judging, request, clientID));
      if (issuer) return { issue: () => issueOther({ ...exchanged, confirmation: request.confirmation }, issuer) };
      return accessTokenOf(core, exchanged, request, clientID);
    },
  };
}
