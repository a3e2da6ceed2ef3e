/** The names of draft-ietf-oauth-identity-assertion-authz-grant-03. */

/** The token type that a client requests from an identity provider. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §4.3 */
export const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
/** The profile in the metadata of a server that accepts ID-JAGs. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §7.2 */
export const ID_JAG_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag';
/** The `typ` in the header of an ID-JAG. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §3.1 */
export const ID_JAG_TYPE = 'oauth-id-jag+jwt';
