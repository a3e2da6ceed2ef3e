/** Reads the parameters of an authorization request. @see OpenID Connect Core §3.1.2.1 */
import { firstRegistered, listOf, restricts, textOf, timeOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { readIDTokenHint } from '../../id-token/hint.js';
import { idTokenAlgorithm } from '../../id-token/sign.js';
import { signingKey } from '../../keys/sign.js';
import { readACRValues, readMaxAge, unmet } from '../../login/request.js';
import type { AskedRequest } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import { scopeOf } from '../../syntax/scope.js';
import type { AuthorizationRequest, Awaitable, Params } from '../../types.js';
import { type OpenIDOptions, promptValuesOf } from './options.js';
import { presentational } from './presentational.js';
import { readClaims, valuesOf } from './requested-claims.js';
import { subjectFault } from './subject.js';
import { OPENID } from './token.js';

type Read = Partial<AuthorizationRequest>;

/** In characters. */
const MAX_NONCE = 1024;

/** @throws AuthorizationError if a required `nonce` is missing. @see OpenID Connect Core §3.1.2.1, §3.2.2.1, §3.3.2.1 */
function readNonce(params: Params, type: string): Read {
  const nonce = params.get('nonce');
  if (nonce !== undefined && nonce.length > MAX_NONCE)
    throw new AuthorizationError('nonce is too long', 'invalid_request');
  if (nonce !== undefined) return { nonce };
  // without it, the client could not tell an ID token of its own request from one that an attacker has put into the browser
  if (responseTypeWords(type).includes('id_token'))
    throw new AuthorizationError('Missing required parameter: nonce', 'invalid_request');
  return {};
}

/** Prompts that only a page of the dialog in a browser can mark as done. In requests without a browser they could never be done. */
const OF_BROWSERS = ['select_account', 'create'];

/** @throws AuthorizationError for `none` together with another value, and for values that the application's pages do not support */
function readPrompt<C, U>({ params, isWithoutBrowser }: AskedRequest<C>, options: OpenIDOptions<C, U>): Read {
  const prompt = [...new Set(params.get('prompt')?.split(' ').filter(Boolean))];
  if (prompt.length === 0) return {};
  const supported: readonly string[] = ['none', ...promptValuesOf(options)];
  const other = prompt.find((word) => !supported.includes(word));
  if (other !== undefined)
    throw reasoned(
      new AuthorizationError(`Unsupported prompt: ${other.slice(0, 40)}`, 'invalid_request'), // Initiating User Registration 1.0 §4.1
      'openid({ promptValues }) does not have it',
      { came: prompt, supported },
    );
  if (prompt.includes('none') && prompt.length > 1)
    throw new AuthorizationError('prompt=none stands alone', 'invalid_request'); // Core §3.1.2.1
  const heeded = isWithoutBrowser ? prompt.filter((word) => !OF_BROWSERS.includes(word)) : prompt;
  return heeded.length > 0 ? { prompt: heeded } : {};
}

/** The conditions of the client for the login: those of the request, or else those of its registration. @see OpenID Connect Registration §2 */
function readLogin<C>(params: Params, client: C): Read {
  const maxAge = timeOf(client, 'default_max_age');
  const acrValues = listOf(client, 'default_acr_values');
  return {
    ...(maxAge !== undefined && { maxAge }),
    ...(acrValues?.length && { acrValues }),
    ...readMaxAge(params),
    ...readACRValues(params),
  };
}

/** @throws AuthorizationError if the client requires an `acr` that no login here can have. @see OpenID Connect Core §5.5.1.1 */
function readRequestedClaims<C, U>(params: Params, { acrValues: supported }: OpenIDOptions<C, U>): Read {
  const text = params.get('claims');
  if (text === undefined) return {};
  const claims = readClaims(text);
  const acr = claims.id_token?.['acr'];
  const wanted = acr?.essential ? valuesOf(acr) : undefined;
  if (wanted && supported && !supported.some((value) => wanted.includes(value)))
    throw unmet('No such acr here', 'No login has an acr that the client needs: openid({ acrValues })', {
      wanted,
      supported,
    });
  return { claims };
}

/** @throws AuthorizationError for a hint that is no ID token of this server for this client */
async function readHint<C, U>(core: Core<C, U>, params: Params, clientID: string): Promise<Read> {
  const text = params.get('id_token_hint');
  if (text === undefined) return {};
  const read = await readIDTokenHint(core, text);
  const fault = 'fault' in read ? read.fault : undefined;
  const isForClient = 'hint' in read && read.hint.audience.includes(clientID);
  if (!('hint' in read) || !isForClient)
    throw reasoned(
      new AuthorizationError('id_token_hint is no ID token that this server issued to this client', 'invalid_request'),
      fault ?? 'It is of another client',
    );
  const { sub, sid } = read.hint;
  return { idTokenHint: { sub, ...(sid !== undefined && { sid }) } };
}

/** Members by which a client registers that it wants encryption. */
const ENCRYPTED = ['id_token_encrypted_response_alg', 'userinfo_encrypted_response_alg'];

/** Which algorithm of the client no key signs by; undefined if there are keys for all. Without this, the client would get a code, and no token for it. */
function algorithmFault<C, U>({ keys }: Core<C, U>, client: C): string | undefined {
  const userinfo = textOf(client, 'userinfo_signed_response_alg');
  const unsigned = [idTokenAlgorithm(client), ...(userinfo === undefined ? [] : [userinfo])].find(
    (alg) => !signingKey(keys, alg),
  );
  return unsigned === undefined
    ? undefined
    : `The client registered ${JSON.stringify(unsigned)} for its ID tokens or UserInfo responses, and no key of createServer({ keys }) signs by it`;
}

/** Refuses a client that registered what this server cannot do. @throws AuthorizationError `unauthorized_client` */
function requireObeyed<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>, client: C): void {
  const encrypted = firstRegistered(client, ENCRYPTED);
  const fault = encrypted
    ? `The client registered ${encrypted}, and nothing is encrypted here`
    : (algorithmFault(core, client) ?? subjectFault(core, options, client));
  if (fault === undefined) return;
  const error = new AuthorizationError('This client needs what the server does not support', 'unauthorized_client');
  throw reasoned(error, fault);
}

/** The members that OpenID Connect adds to a request: none if the scope has no `openid`. */
export function readRequest<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  asked: AskedRequest<C>,
): Awaitable<Read | undefined> {
  const { request } = asked;
  if (scopeOf(request)?.includes(OPENID)) return readAuthenticationRequest(core, options, asked);
  if (!responseTypeWords(request.type).includes('id_token')) return undefined;
  throw new AuthorizationError('An ID token needs the scope openid', 'invalid_scope'); // Core §3.1.2.1
}

/** Reads an authentication request. @see OpenID Connect Core §3.1.2.1 */
async function readAuthenticationRequest<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  asked: AskedRequest<C>,
): Promise<Read> {
  const { params, client, request } = asked;
  requireObeyed(core, options, client);
  if (params.has('registration'))
    // Core §3.1.2.6, §7.2.1: it is for self-issued OpenID Providers
    throw new AuthorizationError('registration is not supported', 'registration_not_supported');
  return Object.assign(
    readNonce(params, request.type),
    readPrompt(asked, options),
    readLogin(params, client),
    readRequestedClaims(params, options),
    await readHint(core, params, request.clientID),
    presentational(params),
  );
}

/** Whether the ID token must have `auth_time`. @see OpenID Connect Core §2 */
export function needsAuthTime<C>(client: C, { claims }: AuthorizationRequest): boolean {
  const isAsked = claims?.id_token?.['auth_time']?.essential === true; // max_age is not checked here: with it, a login without a time is refused as too old
  return isAsked || restricts(client, 'require_auth_time');
}
