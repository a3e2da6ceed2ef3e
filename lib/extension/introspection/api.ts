/** The API's side of RFC 7662, OAuth 2.0 Token Introspection, and of RFC 9701. */

import type { AccessToken } from '../../access-token.js';
import { epoch } from '../../clock.js';
import { Reason } from '../../errors/reason.js';
import { warnOnce } from '../../errors/warning.js';
import { carrying, type Relaxations, relaxationsOf } from '../../findings.js';
import { tokenOrWhy } from '../../http/why-invalid.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { CLAIM_RELAXATIONS, type ClaimOptions, toAccessToken } from '../../resource-server/claims.js';
import {
  FETCH_OPTION_RELAXATIONS,
  FETCH_OPTIONS,
  type FetchOptions,
  parseObject,
  textFetcher,
} from '../../resource-server/fetch-json.js';
import { VerifierUnavailableError } from '../../resource-server/unavailable.js';
import { BEARER, isSameType } from '../../syntax/token-type.js';
import { requireSecureURL } from '../../syntax/url.js';
import type { Awaitable, Claims } from '../../types.js';
import { RESPONSE_MEDIA_TYPE } from './media-type.js';
import { CACHE_OPTIONS, type CacheOptions, remembered } from './remembered.js';
import { type IntrospectionJWTOptions, jwtResponseReader } from './verified.js';

/** Adds the credentials of the API to the request: a header, or parameters of the form. */
export type AuthenticateRequest = (body: URLSearchParams, headers: Headers) => Awaitable<void>;

/** How the API authenticates at the authorization server. @see RFC 7662 §2.1 */
export type IntrospectionCredentials =
  | { readonly clientID: string; readonly clientSecret: string; readonly authenticate?: undefined }
  | { readonly authenticate: AuthenticateRequest; readonly clientID?: undefined; readonly clientSecret?: undefined };

/** Options of `introspectionVerifier()`: the endpoint, how the API authenticates there, and what it requires of the answer. */
export type IntrospectionVerifierOptions = IntrospectionCredentials &
  FetchOptions &
  CacheOptions &
  ClaimOptions & {
    /** The URL of the authorization server's introspection endpoint. */
    readonly endpoint: string;
    /** The required issuer of tokens. Default: not compared, since an endpoint may answer for several issuers. */
    readonly issuer?: string;
    /**
     * Asks for signed responses, and accepts no others: somebody who can change responses in transit, such as a proxy that terminates TLS, cannot make a token
     * valid. Default: responses are JSON.
     *
     * @see RFC 9701
     */
    readonly jwtResponses?: IntrospectionJWTOptions;
    /**
     * The accepted values of `token_type`. Default `Bearer`. A token of another type must also be bound to a key, so that it is never accepted as a bearer
     * token: `['Bearer', 'DPoP']`, if `bearer({ proofs })` has that proof.
     *
     * @see RFC 6749 §7.1
     */
    readonly tokenTypes?: readonly string[];
    /**
     * Accepts responses without a `token_type`, for a server that never sends it. This gives up the difference between access tokens and refresh tokens, since
     * such a server may report refresh tokens as active, too.
     */
    readonly allowMissingTokenType?: boolean;
  };

const RELAXATIONS: Relaxations<IntrospectionVerifierOptions> = {
  ...CLAIM_RELAXATIONS,
  ...FETCH_OPTION_RELAXATIONS,
  allowMissingTokenType: {
    why: 'A refresh token that the server reports as active is accepted as an access token',
    section: 'RFC 7662 §2.2',
    remedy: 'Leave it out once the authorization server says token_type',
  },
};

const KNOWN: OptionNames<IntrospectionVerifierOptions> = {
  ...FETCH_OPTIONS,
  ...CACHE_OPTIONS,
  clientID: true,
  clientSecret: true,
  authenticate: true,
  endpoint: true,
  issuer: true,
  jwtResponses: true,
  allowMissingTokenType: true,
  allowScopeArray: true,
  tokenTypes: true,
};

/** RFC 6749 appendix B */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** RFC 6749 §2.3.1 */
function basic(clientID: string, clientSecret: string): AuthenticateRequest {
  const credentials = Buffer.from(`${formEncode(clientID)}:${formEncode(clientSecret)}`).toString('base64');
  return (_body, headers) => headers.set('Authorization', `Basic ${credentials}`);
}

/** Reads the members of a response; undefined if it has none. */
type ReadMembers = (text: string, asked: number) => Awaitable<Claims | undefined>;

/** Makes a function that asks the endpoint, and returns the members of the response. */
function asker(options: IntrospectionVerifierOptions) {
  const { endpoint, clientID, jwtResponses, now = epoch } = options;
  const authenticate = options.authenticate ?? basic(options.clientID, options.clientSecret);
  const ask = textFetcher(options);
  const asking = { ...options, endpoint, clientID, now };
  const read: ReadMembers = jwtResponses ? jwtResponseReader(jwtResponses, asking) : parseObject;
  const accept = jwtResponses ? RESPONSE_MEDIA_TYPE : 'application/json'; // RFC 9701 §4
  /** @throws VerifierUnavailableError for a malformed response */
  return async (token: string): Promise<Claims | undefined> => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }); // RFC 7662 §2.1
    const headers = new Headers({ Accept: accept });
    await authenticate(body, headers);
    const asked = now();
    const { status, text } = await ask(endpoint, { method: 'POST', headers, body });
    // RFC 7662 §2.3
    if (status === 401)
      throw new VerifierUnavailableError(`${endpoint} does not accept the credentials of this API: 401`);
    if (status !== 200) throw new VerifierUnavailableError(`${endpoint} answers ${status}`);
    return read(text, asked);
  };
}

/** RFC 7662 §2.2: an API that may not ask about a token gets the same answer as for an inactive token. */
const NOT_ACTIVE =
  'the authorization server says that it is not active, as it also says to an API that may not ask about it';

/** The token of a response, or the reason why it is not active. @throws VerifierUnavailableError for a malformed response */
function tokenOf(members: Claims | undefined, endpoint: string, options: ClaimOptions): AccessToken | Reason {
  const fail = (what: string) => new VerifierUnavailableError(`${endpoint} ${what}`);
  if (typeof members?.['active'] !== 'boolean') throw fail('answers without an "active" that is true or false');
  if (!members['active']) return new Reason(NOT_ACTIVE, { endpoint });
  const token = toAccessToken(members, { allowScopeArray: options.allowScopeArray ?? false });
  if (!token) throw fail('answers with a member whose value RFC 7662 §2.2 does not allow');
  return token;
}

/** Why a token is not an access token of an accepted type. RFC 7662 §2.2; RFC 8693 §2.2.1: a token of type `N_A` is not an access token. */
function faultOfType(token: AccessToken, options: IntrospectionVerifierOptions): Reason | undefined {
  const { tokenTypes = [BEARER], allowMissingTokenType = false } = options;
  const type = token.claims?.['token_type'] ?? undefined;
  if (type === undefined) {
    if (allowMissingTokenType) return undefined;
    warnOnce(
      'KOAUTHORIZE_TOKEN_TYPE',
      'The introspection endpoint calls a token active and gives no token_type. It may be a refresh token, and is refused. If the server never gives it: allowMissingTokenType.',
    );
    return new Reason('it has no token_type');
  }
  if (typeof type !== 'string' || !tokenTypes.some((taken) => isSameType(taken, type)))
    return new Reason('its token_type is another', { came: type, wanted: tokenTypes });
  if (isSameType(type, BEARER) || token.confirmation !== undefined) return undefined;
  return new Reason('its token_type needs a key, and it is bound to none', { came: type });
}

/** The token of a response, or why it is refused. @throws VerifierUnavailableError for a malformed response */
function judged(members: Claims | undefined, options: IntrospectionVerifierOptions): AccessToken | Reason {
  const found = tokenOf(members, options.endpoint, options);
  if (found instanceof Reason) return found;
  const { issuer } = options;
  const fault = faultOfType(found, options);
  if (fault || issuer === undefined || found.issuer === issuer) return fault ?? found;
  const why = found.issuer === undefined ? 'the answer names no issuer: leave out `issuer`' : 'its issuer is another';
  return new Reason(why, { came: found.issuer, wanted: issuer });
}

/**
 * A `verify` that asks the authorization server about every token. It reuses the response for a valid token for `cache` seconds, so a revocation may be noticed
 * that late.
 *
 * @throws TypeError for invalid options
 * @throws VerifierUnavailableError at a request, if the endpoint does not give a valid response. The request is answered with 503, and the operator is informed
 * @example
 * const verify = introspectionVerifier({ endpoint: 'https://as.example/introspect', clientID: 'api', clientSecret });
 * app.use(bearer({ verify, audience: 'https://api.example' }));
 * @example introspectionVerifier({ endpoint: 'https://as.example/introspect', clientID: 'api', clientSecret, jwtResponses: { issuer: 'https://as.example' } })
 * @example
 * const endpoint = 'https://as.example/introspect';
 * introspectionVerifier({ endpoint, authenticate: (body, headers) => PrivateKeyJwt(privateKey)({ issuer: 'https://as.example' }, { client_id: 'api' }, body,
 * headers) }); // oauth4webapi
 * @see RFC 7662 §2, RFC 9701 §4, §5
 */
export function introspectionVerifier(
  options: IntrospectionVerifierOptions,
): (token: string, ctx?: unknown) => Promise<AccessToken | undefined> {
  requireKnown<IntrospectionVerifierOptions>(options, KNOWN, 'introspectionVerifier');
  requireSecureURL(options.endpoint, 'endpoint', options); // RFC 7662 §4
  const ask = asker(options);
  const find = remembered(async (token) => judged(await ask(token), options), options);
  const verify = async (token: string, ctx?: unknown) => tokenOrWhy<AccessToken>(await find(token), ctx);
  return carrying(verify, relaxationsOf('introspectionVerifier', options, RELAXATIONS));
}
