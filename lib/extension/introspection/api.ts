/** RFC 7662: OAuth 2.0 Token Introspection, the API's side. */
import { warnOnce } from '../../errors/warning.js';
import type { AccessToken } from '../../resource-server/access-token.js';
import { toAccessToken } from '../../resource-server/claims.js';
import { type Answer, type FetchOptions, jsonFetcher } from '../../resource-server/fetch-json.js';
import { VerifierUnavailableError } from '../../resource-server/unavailable.js';
import { requireSecureURL } from '../../syntax/url.js';
import type { Awaitable } from '../../types.js';
import { type CacheOptions, remembered } from './remembered.js';

/** Adds what proves who the API is: a header, or parameters of the form. */
export type AuthenticateRequest = (body: URLSearchParams, headers: Headers) => Awaitable<void>;

/** Who the API is at the authorization server. @see RFC 7662 §2.1 */
export type IntrospectionCredentials =
  | { readonly clientID: string; readonly clientSecret: string; readonly authenticate?: undefined }
  | { readonly authenticate: AuthenticateRequest; readonly clientID?: undefined; readonly clientSecret?: undefined };

export type IntrospectionVerifierOptions = IntrospectionCredentials &
  FetchOptions &
  CacheOptions & {
    /** Where the authorization server is asked. */
    readonly endpoint: string;
    /** Who has to have issued the token. Default: whomever the endpoint speaks for. */
    readonly issuer?: string;
    /** Whom the token has to be for. Default: `requireAudience` may look. */
    readonly audience?: string;
    /**
     * Takes answers without a `token_type`, from a server that never says it: gives up telling an access token from a refresh token,
     * where the server would also call that active.
     */
    readonly allowMissingTokenType?: boolean;
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

/** What the answer says; undefined when the token is not active. @throws VerifierUnavailableError when it says nothing */
function read({ status, body }: Answer, endpoint: string): AccessToken | undefined {
  const fail = (what: string) => new VerifierUnavailableError(`${endpoint} ${what}`);
  // RFC 7662 §2.3
  if (status === 401) throw fail('does not accept the credentials of this API: 401');
  if (status !== 200) throw fail(`answers ${status}`);
  if (typeof body?.['active'] !== 'boolean') throw fail('answers without an "active" that is true or false');
  if (!body['active']) return undefined;
  const token = toAccessToken(body);
  if (!token) throw fail('answers with members that are not what RFC 7662 §2.2 says');
  return token;
}

/** Whether it is an access token that works without a further proof. RFC 7662 §2.2, RFC 6749 §5.1; RFC 8693 §2.2.1: `N_A` is none. */
function isBearerToken({ claims }: AccessToken, allowMissing: boolean): boolean {
  const type = claims?.['token_type'] ?? undefined;
  if (type !== undefined) return typeof type === 'string' && type.toLowerCase() === 'bearer';
  if (!allowMissing) {
    warnOnce(
      'KOAUTHORIZE_TOKEN_TYPE',
      'Introspection says active, but no token_type: it may be a refresh token, and is refused. If the server never says it: allowMissingTokenType.',
    );
  }
  return allowMissing;
}

/**
 * A `verify` that asks the authorization server about every token. Good answers are kept for `cache` seconds, so that is how late a
 * revocation may be noticed.
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
  const { endpoint, issuer, audience, allowMissingTokenType = false } = options;
  const authenticate = options.authenticate ?? basic(options.clientID, options.clientSecret);
  requireSecureURL(endpoint, 'endpoint'); // RFC 7662 §4
  const fetchJSON = jsonFetcher(options);
  const counts = (token: AccessToken): boolean =>
    isBearerToken(token, allowMissingTokenType) &&
    (issuer === undefined || token.issuer === issuer) &&
    (audience === undefined || (token.audience?.includes(audience) ?? false));
  return remembered(async (token) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }); // RFC 7662 §2.1
    const headers = new Headers({ Accept: 'application/json' });
    await authenticate(body, headers);
    const found = read(await fetchJSON(endpoint, { method: 'POST', headers, body }), endpoint);
    return found && counts(found) ? found : undefined;
  }, options);
}
