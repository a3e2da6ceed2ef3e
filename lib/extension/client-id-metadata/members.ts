/** Which members of a document are read. All others are dropped: one that only the application knows could give the client rights. */

/** What the user may be shown; in several languages, too (`client_name#de`). */
const SHOWN = ['client_name', 'client_uri', 'tos_uri', 'policy_uri'];

/** What the server and its extensions read of a registration. Each extension judges its own. */
const READ = new Set([
  ...['redirect_uris', 'grant_types', 'response_types', 'scope', 'application_type', 'contacts', 'software_id'],
  ...['software_version', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'jwks', 'jwks_uri'],
  ...['tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri', 'tls_client_auth_san_ip'],
  ...['tls_client_auth_san_email', 'tls_client_certificate_bound_access_tokens', 'dpop_bound_access_tokens'],
  ...['require_pushed_authorization_requests', 'require_signed_request_object', 'request_object_signing_alg'],
  ...['request_object_encryption_alg', 'request_object_encryption_enc', 'request_uris', 'authorization_details_types'],
  ...['authorization_signed_response_alg', 'authorization_encrypted_response_alg'],
  ...[
    'authorization_encrypted_response_enc',
    'introspection_signed_response_alg',
    'introspection_encrypted_response_alg',
  ],
  ...['introspection_encrypted_response_enc', 'id_token_signed_response_alg', 'id_token_encrypted_response_alg'],
  ...['id_token_encrypted_response_enc', 'userinfo_signed_response_alg', 'userinfo_encrypted_response_alg'],
  ...[
    'userinfo_encrypted_response_enc',
    'subject_type',
    'sector_identifier_uri',
    'default_max_age',
    'require_auth_time',
  ],
  ...['default_acr_values', 'initiate_login_uri', 'post_logout_redirect_uris', 'backchannel_logout_uri'],
  ...['backchannel_logout_session_required', 'frontchannel_logout_uri', 'frontchannel_logout_session_required'],
]);

/** RFC 7591 §2.2: the name before a language tag. */
function nameOf(member: string): string {
  return member.replace(/#[a-z\d-]{1,35}$/i, '');
}

/** Whether a member is for the user's eyes. */
export function isShown(member: string): boolean {
  return SHOWN.includes(nameOf(member));
}

export function isURLMember(member: string): boolean {
  return isShown(member) && nameOf(member).endsWith('_uri');
}

/** The members that are read, without those that are null, which some servers write for absent. */
export function readMembers(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const read = Object.entries(document).filter(([name, value]) => value !== null && (READ.has(name) || isShown(name)));
  return Object.fromEntries(read);
}
