/** Makes an authorization from an assertion. */
import { invalidAssertion, type VerifiedAssertion } from '../../assertion/verify.js';
import { isSubject } from '../../clients/subject.js';
import type { Core } from '../../core.js';
import { requireNoNearMiss } from '../../options.js';
import type { Allowed } from '../../plugs.js';
import { ALLOWED } from '../../registry/known.js';
import { scopeOf } from '../../syntax/scope.js';
import { requireTexts } from '../../syntax/texts.js';
import type { Authorization, Claims, Confirmation, Scope, TokenRequest } from '../../types.js';
import { keysOfBoth, type Limits, limitsIn, within } from './limits.js';
import type { AssertedAuthorization, JWTBearerOptions } from './options.js';

/** The stored origin of an authorization that was made from an assertion. */
export interface Asserted {
  /** The issuer of the assertion. */
  readonly issuer: string;
  /** The name of the profile in the metadata. */
  readonly profile?: string | undefined;
  /** Further claims for its access tokens. */
  readonly claims?: Claims | undefined;
  /** The keys whose possession the client must prove at each token request. */
  readonly confirmation?: Confirmation | undefined;
}

declare module '../../types.js' {
  interface Authorization {
    /** The assertion from which the authorization was made, if it was made from one. @see RFC 7523 §2.1 */
    readonly asserted?: Asserted | undefined;
  }
}

/** An authorization, in the form of the server and in that of the token service. */
export interface AllowedByAssertion<U> {
  readonly authorization: Authorization;
  readonly allowed: Allowed<U>;
}

const WHAT = 'What jwtBearer({ authorize }) gives';

const KNOWN: readonly (keyof AssertedAuthorization)[] = [...ALLOWED, 'claims', 'authorizationDetails'];

/**
 * Checks what `authorize` returns. If a misspelt member were ignored, everything in the assertion would be allowed; and an audience that is a text would
 * include parts of its text.
 *
 * @throws TypeError
 */
function requireMeant<U>(found: AssertedAuthorization<U>): void {
  requireNoNearMiss(found, KNOWN, WHAT);
  requireTexts(found.audience, `${WHAT} as audience`);
}

/**
 * @throws TypeError if the callback gives neither a user nor a subject: the client would get tokens for itself
 * @throws TokenError if the subject cannot identify a user: it may come from another server
 */
function subjectOf<C, U>(core: Core<C, U>, { user, subject }: AssertedAuthorization<U>): string {
  const found = user === undefined ? subject : core.subject(user);
  if (found && !isSubject(found))
    throw invalidAssertion(`${WHAT} as subject has control characters, and cannot stand for a user here`, { subject });
  if (found) return found;
  throw new TypeError('jwtBearer({ authorize }) gave neither a user nor a subject');
}

function clientIDOf<C, U>(core: Core<C, U>, client: C): string {
  const clientID = core.clientID(client);
  if (clientID === undefined) throw new TypeError('Clients have no client_id: say createServer({ clientID })');
  return clientID;
}

/**
 * The scope that the application allows, limited to the scope of the assertion.
 *
 * @throws TokenError if they have no word in common: some APIs may accept a token without a scope for everything
 */
function scopeWithin(given: Scope | undefined, limits: Limits): Scope {
  const scope = within(given, limits.scope) ?? [];
  if (scope.length > 0 || !given?.length) return scope;
  throw invalidAssertion('nothing of its scope is what authorize allows', { scope: limits.scope, given });
}

/** The APIs: those of the application, or else those of the assertion, or else those that the request names. @throws TokenError if none is left */
function audienceOf<C>(
  given: readonly string[] | undefined,
  { resource }: Limits,
  { audience: asked }: TokenRequest<C>,
) {
  const audience = within(given, resource) ?? asked;
  if (audience?.length === 0)
    throw invalidAssertion('none of its resources is among the APIs that authorize allows', { resource, given });
  return audience;
}

/**
 * The authorization that an assertion gets.
 *
 * @throws TokenError `invalid_grant` if the application refuses the assertion
 * @throws TypeError if the application returns an invalid result
 */
export async function allowedBy<C, U>(
  core: Core<C, U>,
  { authorize, allowRefreshTokens }: JWTBearerOptions<C, U>,
  { issuer, subject, claims, profile }: VerifiedAssertion,
  request: TokenRequest<C>,
): Promise<AllowedByAssertion<U>> {
  const { client } = request;
  const limits = limitsIn(claims);
  const found = await authorize({ issuer, subject, claims, client, scope: request.scope });
  // draft-ietf-oauth-identity-chaining-17 §2.4.2: MUST be denied if the subject cannot be identified
  if (!found) throw invalidAssertion('authorize refused it', { iss: issuer, sub: subject });
  requireMeant(found);
  const { user, claims: transcribed, refreshToken = true, confirmation, ...given } = found;
  const clientID = clientIDOf(core, client);
  const authorization: Authorization = Object.assign({ redirectURI: '' }, given, {
    clientID,
    subject: subjectOf(core, found),
    scope: scopeWithin(scopeOf(given), limits),
    audience: audienceOf(given.audience, limits, request),
    request: { type: '', clientID, scope: request.scope },
    // stored here, since a refresh token of a client that authenticates is not bound to a key itself
    asserted: { issuer, profile, claims: transcribed, confirmation: keysOfBoth(confirmation, limits.confirmation) },
  });
  const mayRefresh = allowRefreshTokens === true && refreshToken; // RFC 7521 §4.1
  return { authorization, allowed: Object.assign({}, authorization, { user, refreshToken: mayRefresh }) };
}
