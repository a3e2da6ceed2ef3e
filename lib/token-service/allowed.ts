/** New acts of authorization: who allows which client what. */
import { registeredPart } from '../clients/permitted.js';
import { registeredScopeOf } from '../clients/registration.js';
import { requireSubject } from '../clients/subject.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { requireNoNearMiss } from '../options.js';
import type { Allowed } from '../plugs.js';
import { ALLOWED } from '../registry/known.js';
import { firstBeyond, scopeOf } from '../syntax/scope.js';
import type { Authorization, Awaitable, Scope, TokenRequest } from '../types.js';
import type { Service } from './audit.js';
import { type Granted, requireFree } from './granted.js';
import { without } from './kept.js';
import { newAuthorizationID } from './secret.js';
import type { Settings } from './settings.js';

export type { Allowed };

/** RFC 9068 §5, RFC 9700 §4.15: no user may pass for a client, which is the subject of its own tokens. @throws Error */
async function requireNoClient<C, U>(settings: Settings<C, U>, subject: string, clientID: string): Promise<void> {
  if (subject === clientID || (await settings.findClient(subject)))
    throw new Error(
      `A user and a client have one identifier, ${subject}: createServer({ subject }), or tokenService({ subject }), keeps them apart`,
    );
}

/**
 * An authorization as a new act, whole.
 *
 * @param user who allows it; without one the authorization's `subject` does, or the client itself
 * @param within the authorization that this one is a part of
 * @throws Error where the user has the identifier of a client
 * @throws TypeError where the authorization has a member that the service needs for itself, or a subject that cannot stand for a user
 */
export function newGranted<C, U>(
  { settings }: Service<C, U>,
  authorization: Authorization,
  user: U | undefined,
  within?: string,
): Awaitable<Granted> {
  requireFree(authorization);
  const subject = user === undefined ? authorization.subject : settings.subject(user);
  const granted = Object.assign({}, authorization, {
    authorizationID: within ?? newAuthorizationID(),
    subject,
    authorizedAt: settings.now(),
    username: user === undefined ? undefined : settings.username(user),
    authentication: settings.authentication(user, authorization.authentication),
  });
  if (subject === undefined) return granted; // there is nobody to ask about
  requireSubject(subject, 'The subject of tokens.issue(), tokenService({ adopt }) or tokenService({ adoptCode })');
  return requireNoClient(settings, subject, authorization.clientID).then(() => granted);
}

/** What the client asked for, if it may have that; else all it may have. @throws TokenError. @see RFC 6749 §3.3 */
function scopeWithoutUser<C, U>(settings: Settings<C, U>, { client, scope }: TokenRequest<C>): Scope {
  const allowed = settings.clientScope(client);
  const wider = scope && firstBeyond(scope, allowed);
  if (wider !== undefined) throw new TokenError(`Scope is not for this client: ${wider}`, 'invalid_scope');
  return scope ?? allowed;
}

/** What of a scope the client registered. @throws TokenError where that is nothing. @see RFC 6749 §3.3 */
function registeredScope<C>({ client }: TokenRequest<C>, scope: Scope): Scope {
  const allowed = registeredPart(registeredScopeOf(client), scope);
  if (allowed.length > 0 || scope.length === 0) return allowed;
  const error = new TokenError('Scope is not for this client', 'invalid_scope');
  throw reasoned(error, 'The client registered nothing of the scope that was allowed', { allowed: scope });
}

/** @throws TypeError where it is not clear who allows it */
function requireOneOwner<C, U>(settings: Settings<C, U>, { user, subject }: Allowed<U>): void {
  if (subject === '') throw new TypeError('tokens.issue: an empty subject names nobody');
  const named = user === undefined ? subject : settings.subject(user);
  if ((subject ?? named) !== named)
    throw new TypeError(`tokens.issue: the user is ${named}, and the subject ${subject}`);
}

/** What is said about an authorization, and is no member of it. */
const ABOUT: ReadonlySet<string> = new Set<keyof Allowed<unknown>>(['user', 'refreshToken', 'within']);

/**
 * What was allowed, as an Authorization of the client that asks.
 *
 * @throws TokenError where it is another client's, or allows nothing here
 * @throws TypeError for a member that is misspelt
 */
export function toAuthorization<C, U>(
  settings: Settings<C, U>,
  allowed: Allowed<U>,
  request: TokenRequest<C>,
): Authorization {
  const clientID = settings.clientID(request.client);
  requireNoNearMiss(allowed, ALLOWED, 'tokens.issue'); // without its scope, a client would have all that it may have for itself
  requireOneOwner(settings, allowed);
  const { redirectURI = '', request: asked = { type: '', clientID } } = allowed;
  const given = scopeOf(allowed);
  const scope = given ? registeredScope(request, given) : scopeWithoutUser(settings, request);
  const authorization = Object.assign(without(allowed, ABOUT), { clientID, redirectURI, request: asked, scope });
  if ((allowed.clientID ?? clientID) === clientID) return authorization;
  const error = new TokenError('Issued to another client', 'invalid_grant'); // RFC 6749 §4.1.3, §6
  throw reasoned(error, 'Another client was allowed this', { client: clientID, allowed: allowed.clientID });
}
