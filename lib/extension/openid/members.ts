/** What OpenID Connect adds to requests, registrations and the metadata. No code. */

/** How one claim is asked for. @see OpenID Connect Core §5.5.1 */
export interface ClaimRequest {
  /** Whether the client needs it to do what the user wants. That it is missing is no error. */
  readonly essential?: boolean;
  /** The value that it is to have. */
  readonly value?: unknown;
  /** The values that it may have, in order of preference. */
  readonly values?: readonly unknown[];
}

/** The claims that are asked for, by name; `null` asks for one without saying more. */
export type ClaimRequests = Readonly<Record<string, ClaimRequest | null>>;

/** The parameter `claims`. @see OpenID Connect Core §5.5 */
export interface RequestedClaims {
  readonly userinfo?: ClaimRequests;
  readonly id_token?: ClaimRequests;
}

/** The user whom the client expects, by an ID token of ours that it sent. */
export interface ExpectedUser {
  /** The outward `sub`. */
  readonly sub: string;
  readonly sid?: string;
}

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** Comes back in the ID token, so that the client knows its own request again. @see OpenID Connect Core §3.1.2.1 */
    readonly nonce?: string;
    /** What the client wants the user to be asked: `none`, `login`, `consent`, `select_account`, `create`. */
    readonly prompt?: readonly string[];
    /** Who is probably going to log in, as the client knows them: for the field of the login page. Nobody has verified it. */
    readonly loginHint?: string;
    /** What an ID token says that the client sent: who it thinks is logged in. The ID token is ours. */
    readonly idTokenHint?: ExpectedUser;
    /** `page`, `popup`, `touch`, `wap`, or anything else that the client sent. */
    readonly display?: string;
    /** The languages that the user prefers for pages, the best first: BCP 47. */
    readonly uiLocales?: readonly string[];
    /** The languages that the client wants claims in, the best first: BCP 47. */
    readonly claimsLocales?: readonly string[];
    /** The claims that the client asks for one by one, in the ID token and at UserInfo. */
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
