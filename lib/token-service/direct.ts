/** Tokens that are issued without an authorization code. */
import { isPublicClient } from '../clients/registration.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Credentials } from '../exchange/password.js';
import type { Respond } from '../plugs.js';
import { isPromise } from '../promise.js';
import { among } from '../syntax/scope.js';
import type { Authorization, IssuedTokens, Scope, TokenRequest, Transaction } from '../types.js';
import { type Allowed, newGranted, toAuthorization } from './allowed.js';
import { report, type Service, serving } from './audit.js';
import { grantedBy } from './code.js';
import type { Granted } from './granted.js';
import { type Minted, type Minting, mint, type TokenWishes, told } from './mint.js';

/** Asks the extensions whether the stored tokens may be sent. If one refuses, such as because the client was removed meanwhile, removes the tokens. */
async function confirm<C, U>({ settings }: Service<C, U>, client: C, { records }: Minted): Promise<void> {
  try {
    await settings.confirm(client);
  } catch (error) {
    await Promise.all(records.map(({ id }) => settings.store.remove(id)));
    throw error;
  }
}

/** Makes and stores the tokens of a new authorization: all of them or none, in one round trip. */
async function issueNew<C, U>(
  service: Service<C, U>,
  request: TokenWishes<C>,
  granted: Granted,
  options: Minting,
  respond?: Respond,
): Promise<IssuedTokens> {
  const { settings } = service;
  const minted = await mint(settings, request, granted, options);
  await respond?.(minted.tokens); // before anything is stored: if this throws, nothing is lost
  if (!(await settings.store.put(minted.records, settings.now())) && options.isPart)
    throw reasoned(
      new TokenError('The authorization has ended', 'invalid_grant'),
      'The authorization that the tokens would be a part of was revoked',
      { authorization: granted.authorizationID },
    );
  await confirm(service, request.client, minted);
  report(service, 'issued', granted, told(minted));
  return minted.tokens;
}

/** The scope of the access token: the allowed scope, or the part of it that the client asked for. @throws TokenError. @see RFC 6749 §3.3 */
function askedPart(allowed: Scope, asked: Scope | undefined): Scope {
  const scope = asked ? among(allowed, asked) : allowed;
  if (scope.length === 0 && asked?.length) throw new TokenError('Scope was not granted', 'invalid_scope');
  return scope;
}

/** Issues tokens for what a user, a subject, or the client itself allows. */
export async function issue<C, U>(
  service: Service<C, U>,
  allowed: Allowed<U>,
  request: TokenRequest<C>,
  respond?: Respond,
): Promise<IssuedTokens> {
  const { settings } = service;
  const authorization = toAuthorization(settings, allowed, request);
  const { audience } = request; // stored with the authorization: otherwise a refresh would give a token without an audience
  const whole = authorization.audience || !audience ? authorization : Object.assign(authorization, { audience });
  const made = newGranted(service, whole, allowed.user, allowed.within);
  const granted = isPromise(made) ? await made : made;
  const isForUser = granted.subject !== undefined;
  // RFC 6749 §4.4: only a client that authenticates gets tokens for itself
  if (!isForUser && isPublicClient(request)) throw new TokenError('Not for public clients', 'unauthorized_client');
  const isPart = allowed.within !== undefined;
  const mayRefresh = isForUser && !isPart && allowed.refreshToken !== false; // RFC 6749 §4.4.3
  const withRefreshToken = mayRefresh && settings.givesRefreshToken(request.client, granted);
  const options = {
    scope: askedPart(granted.scope, request.scope),
    withRefreshToken,
    isPublic: withRefreshToken && settings.isPublic(request),
    isFinal: withRefreshToken && !settings.rotates(request),
    isPart,
  };
  return await issueNew(service, request, granted, options, respond);
}

/** The callback for the implicit grant, which gives no refresh token. @see RFC 6749 §4.2.2 */
export async function issueToken<C, U>(
  service: Service<C, U>,
  txn: Transaction<C, U>,
  authorization: Authorization,
): Promise<IssuedTokens> {
  const granted = await grantedBy(service, txn, authorization);
  return issueNew(service, { client: txn.client }, granted, { withRefreshToken: false });
}

/** The callback for the legacy password exchange. @throws TypeError without the option `authenticate` */
export async function issueForPassword<C, U>(
  service: Service<C, U>,
  { username, password }: Credentials,
  request: TokenRequest<C>,
  respond?: Respond,
): Promise<IssuedTokens | undefined> {
  const { settings } = service;
  const { client } = request;
  if (!settings.authenticate) throw new TypeError('tokenService({ authenticate }) is needed for the password grant');
  const user = await settings.authenticate(username, password, client);
  if (user) return issue(service, { user }, request, respond);
  const reason = 'wrong name or password';
  report(
    serving(service, request),
    'denied',
    { clientID: settings.clientID(client) },
    { kind: 'access_token', reason },
  );
  return undefined;
}
