/** What the answers of a house may say: the words of the RFCs that are plugged in there. */

export interface Vocabulary {
  readonly authorizationErrors: readonly string[];
  readonly tokenErrors: readonly string[];
  /** Parameters of an authorization response, besides `code`, `access_token` and `state`. */
  readonly responseParams: readonly string[];
  /** Members of a token response, besides those of RFC 6749 §5.1. */
  readonly tokenMembers: readonly string[];
  readonly tokenTypes: readonly string[];
  /** Whether answers may be JWTs. */
  readonly mayBeJWT: boolean;
}

const BASE: Vocabulary = {
  authorizationErrors: [
    ...['invalid_request', 'unauthorized_client', 'access_denied', 'unsupported_response_type', 'invalid_scope'],
    'unmet_authentication_requirements', // RFC 9470 §5
  ],
  tokenErrors: [
    ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
    'invalid_scope',
  ],
  responseParams: ['token_type', 'expires_in', 'scope', 'iss'],
  tokenMembers: [],
  tokenTypes: ['Bearer'],
  mayBeJWT: false,
};

/** The house with every extension. */
export const EXTENDED = 'every extension';

const OF_EXTENSIONS: Vocabulary = {
  authorizationErrors: [
    ...BASE.authorizationErrors,
    // OpenID Connect Core §3.1.2.6
    ...['login_required', 'interaction_required', 'consent_required', 'account_selection_required'],
    'registration_not_supported',
    ...['invalid_request_object', 'invalid_request_uri', 'request_not_supported', 'request_uri_not_supported'], // RFC 9101 §7
    ...['invalid_target', 'invalid_authorization_details'], // RFC 8707 §2, RFC 9396 §5
    'invalid_dpop_proof', // RFC 9449 §10
  ],
  tokenErrors: [
    ...BASE.tokenErrors,
    ...['invalid_dpop_proof', 'invalid_target', 'invalid_authorization_details'],
    ...['authorization_pending', 'slow_down', 'expired_token', 'access_denied'], // RFC 8628 §3.5
  ],
  responseParams: [...BASE.responseParams, 'id_token', 'authorization_details'],
  tokenMembers: [
    ...['id_token', 'authorization_details', 'refresh_token_timeout', 'authorization_expires_in'],
    'issued_token_type', // RFC 8693 §2.2.1
  ],
  tokenTypes: ['Bearer', 'DPoP'],
  mayBeJWT: true,
};

export const vocabularyOf = (house: string): Vocabulary => (house === EXTENDED ? OF_EXTENSIONS : BASE);
