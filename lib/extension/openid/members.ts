/** The members that OpenID Connect adds to requests, registrations and the metadata. No code. */

/** The request for one claim. @see OpenID Connect Core §5.5.1 */
export interface ClaimRequest {
  /** Whether the client needs the claim to do what the user wants. It is no error if the claim is missing. */
  readonly essential?: boolean;
  /** The value that the client wants the claim to have. */
  readonly value?: unknown;
  /** The values that the client accepts, in order of preference. */
  readonly values?: readonly unknown[];
}

/** The requested claims, by name; `null` requests a claim without further conditions. */
export type ClaimRequests = Readonly<Record<string, ClaimRequest | null>>;

/** The parameter `claims`. @see OpenID Connect Core §5.5 */
export interface RequestedClaims {
  readonly userinfo?: ClaimRequests;
  readonly id_token?: ClaimRequests;
}

/** The user of an ID token of this server, which the client sent as `id_token_hint`. */
export interface ExpectedUser {
  /** The `sub` of the user at this client. */
  readonly sub: string;
  readonly sid?: string;
}

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** Returned in the ID token, so that the client recognizes its own request. @see OpenID Connect Core §3.1.2.1 */
    readonly nonce?: string;
    /** What the client wants the user to do: `none`, `login`, `consent`, `select_account`, `create`. */
    readonly prompt?: readonly string[];
    /** The user who will probably log in, as the client knows them, to fill in the field of the login page. It is not verified. */
    readonly loginHint?: string;
    /** The user of the ID token that the client sent: the user who is logged in, as far as the client knows. The ID token was issued by this server. */
    readonly idTokenHint?: ExpectedUser;
    /** `page`, `popup`, `touch`, `wap`, or anything else that the client sent. */
    readonly display?: string;
    /** The languages that the user prefers for pages, the best first: BCP 47. */
    readonly uiLocales?: readonly string[];
    /** The languages that the client wants claims in, the best first: BCP 47. */
    readonly claimsLocales?: readonly string[];
    /** The claims that the client requests one by one, for the ID token and for UserInfo. */
    readonly claims?: RequestedClaims;
  }
  interface ClientMetadata {
    readonly id_token_signed_response_alg?: string;
    readonly id_token_encrypted_response_alg?: string;
    readonly id_token_encrypted_response_enc?: string;
    readonly userinfo_signed_response_alg?: string;
    readonly userinfo_encrypted_response_alg?: string;
    readonly userinfo_encrypted_response_enc?: string;
    readonly subject_type?: string;
    readonly sector_identifier_uri?: string;
    /** In seconds. */
    readonly default_max_age?: number;
    readonly require_auth_time?: boolean;
    readonly default_acr_values?: readonly string[];
    readonly initiate_login_uri?: string;
  }
  interface ServerMetadata {
    readonly userinfo_endpoint?: string;
    readonly subject_types_supported?: readonly string[];
    readonly id_token_signing_alg_values_supported?: readonly string[];
    readonly userinfo_signing_alg_values_supported?: readonly string[];
    readonly display_values_supported?: readonly string[];
    readonly claim_types_supported?: readonly string[];
    readonly claims_supported?: readonly string[];
    readonly claims_locales_supported?: readonly string[];
    readonly claims_parameter_supported?: boolean;
    readonly prompt_values_supported?: readonly string[];
  }
}
declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    interaction_required: 400;
    login_required: 400;
    account_selection_required: 400;
    consent_required: 400;
    request_not_supported: 400;
    request_uri_not_supported: 400;
    registration_not_supported: 400;
  }
}
