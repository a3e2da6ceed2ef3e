/** The names of draft-ietf-oauth-identity-assertion-authz-grant-03. */

/** What a client asks an identity provider for. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §4.3 */
export const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
/** How the metadata of a server that accepts them says so. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §7.2 */
export const ID_JAG_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag';
/** The `typ` of its header. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §3.1 */
export const ID_JAG_TYPE = 'oauth-id-jag+jwt';
