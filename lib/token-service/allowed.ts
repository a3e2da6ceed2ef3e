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

/** RFC 9068 §5, RFC 9700 §4.15: refuses a user with the identifier of a client: a client is the subject of its own tokens. @throws Error */
async function requireNoClient<C, U>(settings: Settings<C, U>, subject: string, clientID: string): Promise<void> {
  if (subject === clientID || (await settings.findClient(subject)))
    throw new Error(
      `A user and a client have one identifier, ${subject}: createServer({ subject }), or tokenService({ subject }), keeps them apart`,
    );
}

/**
 * Makes a new granted authorization, with an ID and a time.
 *
 * @param user the user who allows it; without one, the authorization's `subject` does, or the client acts for itself
 * @param within the ID of the authorization that this one is a part of
 * @throws Error if the user has the identifier of a client
 * @throws TypeError if the authorization has a member that is reserved for the service, or a subject with control characters
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
  if (subject === undefined) return granted; // without a user there is nothing to compare
  requireSubject(subject, 'The subject of tokens.issue(), tokenService({ adopt }) or tokenService({ adoptCode })');
  return requireNoClient(settings, subject, authorization.clientID).then(() => granted);
}

/** The scope that the client asked for; if it asked for none, all that it may have. @throws TokenError for a word that it may not have. @see RFC 6749 §3.3 */
function scopeWithoutUser<C, U>(settings: Settings<C, U>, { client, scope }: TokenRequest<C>): Scope {
  const allowed = settings.clientScope(client);
  const wider = scope && firstBeyond(scope, allowed);
  if (wider !== undefined) throw new TokenError(`Scope is not for this client: ${wider}`, 'invalid_scope');
  return scope ?? allowed;
}

/** The words of a scope that the client registered. @throws TokenError if it registered none of them. @see RFC 6749 §3.3 */
function registeredScope<C>({ client }: TokenRequest<C>, scope: Scope): Scope {
  const allowed = registeredPart(registeredScopeOf(client), scope);
  if (allowed.length > 0 || scope.length === 0) return allowed;
  const error = new TokenError('Scope is not for this client', 'invalid_scope');
  throw reasoned(error, 'The client registered nothing of the scope that was allowed', { allowed: scope });
}

/** @throws TypeError if `user` and `subject` name different users */
function requireOneOwner<C, U>(settings: Settings<C, U>, { user, subject }: Allowed<U>): void {
  if (subject === '') throw new TypeError('tokens.issue: an empty subject names nobody');
  const named = user === undefined ? subject : settings.subject(user);
  if ((subject ?? named) !== named)
    throw new TypeError(`tokens.issue: the user is ${named}, and the subject ${subject}`);
}

/** The members of `Allowed` that are not members of the Authorization. */
const ABOUT: ReadonlySet<string> = new Set<keyof Allowed<unknown>>(['user', 'refreshToken', 'within']);

/**
 * Makes the Authorization of the client that sent the request.
 *
 * @throws TokenError if it was allowed to another client, or has no scope that the client registered
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
