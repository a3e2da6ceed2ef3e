/** The metadata that a server publishes, and that a client registers, with their names on the wire. No code. */

/** The registration of a client, verbatim. Each specification declares its own members. @see RFC 7591 §2 */
export interface ClientMetadata {
  readonly redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method?: string;
  /** @see OpenID Connect Registration §2 */
  readonly token_endpoint_auth_signing_alg?: string;
  readonly grant_types?: readonly string[];
  readonly response_types?: readonly string[];
  readonly scope?: string;
  /** `web` or `native`. @see OpenID Connect Registration §2 */
  readonly application_type?: string;
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly contacts?: readonly string[];
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly jwks_uri?: string;
  readonly jwks?: { readonly keys: readonly object[] };
  readonly software_id?: string;
  readonly software_version?: string;
}

/** Authorization server metadata, verbatim. @see RFC 8414 §2 */
export interface ServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly registration_endpoint?: string;
  readonly scopes_supported?: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly response_modes_supported?: readonly string[];
  readonly grant_types_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[];
  readonly service_documentation?: string;
  readonly ui_locales_supported?: readonly string[];
  readonly op_policy_uri?: string;
  readonly op_tos_uri?: string;
}
