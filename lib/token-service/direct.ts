/** Tokens that are issued at once, with no code before them. */
import { TokenError } from '../errors/token-error.js';
import type { Credentials } from '../exchange/password.js';
import type { Respond } from '../plugs.js';
import type { Authorization, IssuedTokens, Scope, TokenRequest, Transaction } from '../types.js';
import { report, type Service } from './audit.js';
import { grantedBy, issueTokens, subjectFor } from './code.js';
import type { Granted } from './granted.js';
import type { Settings } from './options.js';
import { newAuthorizationID } from './secret.js';

/** What the client asked for, if it may have that; else all it may have. @throws TokenError. @see RFC 6749 §3.3 */
function scopeFor<C, U>(settings: Settings<C, U>, { client, scope }: TokenRequest<C>): Scope {
  const allowed = settings.clientScope(client);
  const wider = scope?.find((word) => !allowed.includes(word));
  if (wider !== undefined) throw new TokenError(`Scope is not for this client: ${wider}`, 'invalid_scope');
  return scope ?? allowed;
}

/** An authorization that no authorization request came before. */
function grantedDirectly<C, U>({ settings }: Service<C, U>, request: TokenRequest<C>): Granted {
  const clientID = settings.clientID(request.client);
  const scope = scopeFor(settings, request);
  return {
    clientID,
    redirectURI: '',
    scope,
    request: { type: '', clientID },
    authorizationID: newAuthorizationID(),
    authorizedAt: settings.now(),
  };
}

/** Fills the slot of the implicit grant, which gives no refresh token. @see RFC 6749 §4.2.2 */
export async function issueToken<C, U>(
  service: Service<C, U>,
  txn: Transaction<C, U>,
  authorization: Authorization,
): Promise<IssuedTokens> {
  return issueTokens(service, txn.client, await grantedBy(service, txn, authorization), { withRefreshToken: false });
}

/** Fills the slot of client credentials, which gives no refresh token. @see RFC 6749 §4.4.3 */
export function issueToClient<C, U>(
  service: Service<C, U>,
  request: TokenRequest<C>,
  respond?: Respond,
): Promise<IssuedTokens> {
  const { client, confirmation } = request;
  const options = { confirmation, withRefreshToken: false };
  return issueTokens(service, client, grantedDirectly(service, request), options, respond);
}

/** Fills the slot of the legacy password exchange. @throws TypeError without the option `authenticate` */
export async function issueForPassword<C, U>(
  service: Service<C, U>,
  { username, password }: Credentials,
  request: TokenRequest<C>,
  respond?: Respond,
): Promise<IssuedTokens | undefined> {
  const { settings } = service;
  const { client, confirmation } = request;
  if (!settings.authenticate) throw new TypeError('tokenService({ authenticate }) is needed for the password grant');
  const user = await settings.authenticate(username, password, client);
  if (!user) {
    report(
      service,
      'denied',
      { clientID: settings.clientID(client) },
      { kind: 'access_token', reason: 'wrong name or password' },
    );
    return undefined;
  }
  const direct = grantedDirectly(service, request);
  const subject = await subjectFor(settings, user, direct.clientID);
  const who = { subject, username: settings.username(user), authentication: settings.authenticationEvent(user) };
  const granted = { ...direct, ...who };
  const withRefreshToken = settings.givesRefreshToken(client, granted);
  const isFinal = !settings.rotates(request);
  const options = { confirmation, withRefreshToken, isPublic: settings.isPublic(request), isFinal };
  return issueTokens(service, client, granted, options, respond);
}
