/** Details at the token endpoint: what an access token has is never more than what was granted. @see RFC 9396 §6, §7 */
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { TokenSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Authorization, TokenRequest, TokenRequestParts } from '../../types.js';
import { isFor } from './compare.js';
import { type AuthorizationDetails, areDetails } from './detail.js';
import { invalidDetails } from './invalid.js';
import { readDetails } from './read.js';
import { firstWithoutWhole } from './share.js';
import type { DetailTypes } from './types.js';

export const PARAMETER = 'authorization_details';

/** The details of an access token as a claim, for a JWT and for introspection. RFC 9396 §9.1, §9.2 */
function asClaim(details: AuthorizationDetails): TokenRequestParts {
  return { claims: { [PARAMETER]: details } };
}

/** The granted details; undefined if the authorization has none. @throws Error if the store has lost them */
function grantedIn({ authorizationDetails: granted, request }: Authorization): AuthorizationDetails | undefined {
  if (granted === undefined && request.authorizationDetails === undefined) return undefined;
  if (areDetails(granted)) return granted;
  throw new Error('The stored authorization has lost its authorizationDetails, or they cannot be read');
}

/** What a client asks for itself, without a user: `clientMayHave` of the type decides. @throws OAuth2Error. @see RFC 9396 §6 */
async function forItself<C>(types: DetailTypes<C>, asked: AuthorizationDetails, client: C): Promise<TokenRequestParts> {
  for (const [index, one] of asked.entries()) {
    if (await types.clientMayHave(one, client)) continue;
    throw invalidDetails(
      `${PARAMETER}[${index}] is not for this client`,
      'clientMayHave of its type does not allow it',
      { type: one.type },
    );
  }
  return asClaim(asked);
}

/** @throws OAuth2Error for an element that no granted element covers, or that cannot be used at the APIs that the token is for. @see RFC 9396 §6.1 */
async function requireCovered<C>(
  types: DetailTypes<C>,
  asked: AuthorizationDetails,
  granted: AuthorizationDetails,
  { audience }: TokenRequest<C>,
): Promise<void> {
  const other = asked.findIndex((one) => !isFor(one, audience));
  const index = other >= 0 ? other : await firstWithoutWhole(granted, asked, (...both) => types.includes(...both));
  if (index === undefined) return;
  throw invalidDetails(
    `${PARAMETER}[${index}] was not granted`,
    'No granted element covers it at the APIs that the token is for, or the one that covers it is used for another element already',
    { type: asked[index]?.type, audience },
  );
}

/** The granted elements that the client may still have. @throws TokenError if elements were granted, and none is left */
function leftOf<C>(types: DetailTypes<C>, granted: AuthorizationDetails, authorization: Authorization, client: C) {
  const left = granted.filter((one) => types.isAllowed(one, client));
  if (left.length > 0 || granted.length === 0 || scopeOf(authorization)?.length) return left;
  const error = new TokenError('Nothing of what was granted is left', 'invalid_grant');
  throw reasoned(error, 'The server no longer has any of the granted types, or the client did not register them', {
    granted: granted.map(({ type }) => type),
  });
}

/** The details that the access token gets: those that the client asks for, or all granted ones that can be used at its APIs. RFC 9396 §7 */
async function givenBy<C>(types: DetailTypes<C>, authorization: Authorization, request: TokenRequest<C>) {
  const granted = grantedIn(authorization);
  const { authorizationDetails: asked, client, audience } = request;
  if (!granted && asked) throw invalidDetails(`${PARAMETER} was not granted`, 'The authorization has no details');
  if (!granted) return undefined;
  const left = leftOf(types, granted, authorization, client);
  if (!asked) return left.filter((one) => isFor(one, audience));
  await requireCovered(types, asked, left, request);
  return asked;
}

/**
 * Extensions run in order. If an extension sets the audience after this one ran, `check` compared without it: that is an error of the application.
 *
 * @throws Error
 */
function requireUsable<C>(given: AuthorizationDetails, { audience }: TokenRequest<C>, isForItself: boolean): void {
  const other = given.find((one) => !isFor(one, audience));
  if (other === undefined) return;
  if (isForItself)
    throw invalidDetails(`${PARAMETER} is for another resource`, 'Its locations are not at the APIs of the token', {
      type: other.type,
      audience,
    });
  throw new Error('Plug authorizationDetails() in after the extension that says which APIs a token is for');
}

export function tokenSteps<C>(types: DetailTypes<C>): TokenSteps<C> {
  return {
    async parse(params, client, _ctx, grantType) {
      const json = params.get(PARAMETER);
      if (json === undefined) return undefined;
      const asked = readDetails(json);
      await types.requireValid(asked, client); // §8: by the rules of §5
      const parts: TokenRequestParts = { authorizationDetails: asked };
      if (grantType !== 'client_credentials') return parts;
      // a client that asks for details alone does not get its whole scope, too
      const scope = params.has('scope') ? undefined : { scope: [] };
      return { ...parts, ...scope, ...(await forItself(types, asked, client)) };
    },
    async check(authorization, request) {
      const given = await givenBy(types, authorization, request);
      return given && asClaim(given);
    },
    respond(_response, request, authorization) {
      const { authorizationDetails: asked, claims } = request;
      const given = claims?.[PARAMETER] as AuthorizationDetails | undefined;
      if (!given && asked)
        throw invalidDetails(`${PARAMETER} is not for this grant type`, 'There is no authorization to compare it with');
      if (!given) return undefined;
      requireUsable(given, request, authorization === undefined);
      return { authorization_details: given }; // §7: MUST also return
    },
  };
}
