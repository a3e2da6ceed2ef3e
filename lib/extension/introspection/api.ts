/** RFC 7662: OAuth 2.0 Token Introspection, the API's side. */
import type { AccessToken } from '../../access-token.js';
import { warnOnce } from '../../errors/warning.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { type ClaimOptions, toAccessToken } from '../../resource-server/claims.js';
import { type Answer, FETCH_OPTIONS, type FetchOptions, jsonFetcher } from '../../resource-server/fetch-json.js';
import { VerifierUnavailableError } from '../../resource-server/unavailable.js';
import { BEARER, isSameType } from '../../syntax/token-type.js';
import { requireSecureURL } from '../../syntax/url.js';
import type { Awaitable } from '../../types.js';
import { CACHE_OPTIONS, type CacheOptions, remembered } from './remembered.js';

/** Adds the credentials of the API to the request: a header, or parameters of the form. */
export type AuthenticateRequest = (body: URLSearchParams, headers: Headers) => Awaitable<void>;

/** How the API authenticates at the authorization server. @see RFC 7662 §2.1 */
export type IntrospectionCredentials =
  | { readonly clientID: string; readonly clientSecret: string; readonly authenticate?: undefined }
  | { readonly authenticate: AuthenticateRequest; readonly clientID?: undefined; readonly clientSecret?: undefined };

export type IntrospectionVerifierOptions = IntrospectionCredentials &
  FetchOptions &
  CacheOptions &
  ClaimOptions & {
    /** The URL of the authorization server's introspection endpoint. */
    readonly endpoint: string;
    /** The issuer that a token must be of. Default: not compared; the endpoint answers for one or more. */
    readonly issuer?: string;
    /** The API that a token must be for. Default: not compared here; `bearer({ audience })` does the same with any verifier. */
    readonly audience?: string;
    /**
     * The `token_type` of tokens that are taken. Default `Bearer`. A token of another type must also be bound to a key, so that it never passes
     * for a bearer token: `['Bearer', 'DPoP']`, where `bearer({ proofs })` has that proof. @see RFC 6749 §7.1
     */
    readonly tokenTypes?: readonly string[];
    /**
     * Takes answers without a `token_type`, for a server that never says it: gives up telling an access token from a refresh token, which such
     * a server may also call active.
     */
    readonly allowMissingTokenType?: boolean;
  };

const KNOWN: OptionNames<IntrospectionVerifierOptions> = {
  ...FETCH_OPTIONS,
  ...CACHE_OPTIONS,
  clientID: true,
  clientSecret: true,
  authenticate: true,
  endpoint: true,
  issuer: true,
  audience: true,
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

/** The token of an answer; undefined when it is not active. @throws VerifierUnavailableError for an answer that cannot be understood */
function read({ status, body }: Answer, endpoint: string, options: ClaimOptions): AccessToken | undefined {
  const fail = (what: string) => new VerifierUnavailableError(`${endpoint} ${what}`);
  // RFC 7662 §2.3
  if (status === 401) throw fail('does not accept the credentials of this API: 401');
  if (status !== 200) throw fail(`answers ${status}`);
  if (typeof body?.['active'] !== 'boolean') throw fail('answers without an "active" that is true or false');
  if (!body['active']) return undefined;
  const token = toAccessToken(body, { allowScopeArray: options.allowScopeArray ?? false });
  if (!token) throw fail('answers with a member whose value RFC 7662 §2.2 does not allow');
  return token;
}

/** Whether a token is an access token of a type that is taken. RFC 7662 §2.2; RFC 8693 §2.2.1: one of type `N_A` is not an access token. */
function isTaken({ claims, confirmation }: AccessToken, tokenTypes: readonly string[], allowMissing: boolean): boolean {
  const type = claims?.['token_type'] ?? undefined;
  if (type === undefined) {
    if (!allowMissing)
      warnOnce(
        'KOAUTHORIZE_TOKEN_TYPE',
        'The introspection endpoint calls a token active and gives no token_type. It may be a refresh token, and is refused. If the server never gives it: allowMissingTokenType.',
      );
    return allowMissing;
  }
  if (typeof type !== 'string' || !tokenTypes.some((taken) => isSameType(taken, type))) return false;
  return isSameType(type, BEARER) || confirmation !== undefined;
}

/**
 * A `verify` that asks the authorization server about every token. It keeps the answer for a valid token for `cache` seconds: a revocation may be
 * noticed that late.
 *
 * @throws TypeError for options that cannot be
 * @throws VerifierUnavailableError at the request, when the endpoint does not answer as it should: 503, and the operator is told
 * @example
 * const verify = introspectionVerifier({ endpoint: 'https://as.example/introspect', clientID: 'api', clientSecret });
 * app.use(bearer({ verify }));
 * @example introspectionVerifier({ endpoint, authenticate: (body, headers) => PrivateKeyJwt(key)(as, client, body, headers) }) // oauth4webapi
 * @see RFC 7662 §2
 */
export function introspectionVerifier(
  options: IntrospectionVerifierOptions,
): (token: string) => Promise<AccessToken | undefined> {
  requireKnown<IntrospectionVerifierOptions>(options, KNOWN, 'introspectionVerifier');
  const { endpoint, issuer, audience, tokenTypes = [BEARER], allowMissingTokenType = false } = options;
  const authenticate = options.authenticate ?? basic(options.clientID, options.clientSecret);
  requireSecureURL(endpoint, 'endpoint'); // RFC 7662 §4
  const fetchJSON = jsonFetcher(options);
  const isValid = (token: AccessToken): boolean =>
    isTaken(token, tokenTypes, allowMissingTokenType) &&
    (issuer === undefined || token.issuer === issuer) &&
    (audience === undefined || (token.audience?.includes(audience) ?? false));
  return remembered(async (token) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }); // RFC 7662 §2.1
    const headers = new Headers({ Accept: 'application/json' });
    await authenticate(body, headers);
    const found = read(await fetchJSON(endpoint, { method: 'POST', headers, body }), endpoint, options);
    return found && isValid(found) ? found : undefined;
  }, options);
}
