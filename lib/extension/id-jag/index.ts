/** draft-ietf-oauth-identity-assertion-authz-grant, `koauthorize/id-jag`: ID-JAGs, of the identity provider and of the server that accepts them. Every public name. */
export type { AcceptingServer, IssuedGrant, IssuesGrant, WantedGrant } from '../../assertion/grant.js';
export type { GrantIssuerOptions } from '../../assertion/grant-options.js';
export { type IssuesIDJAG, issueIDJAG } from './issue.js';
export { idJAG } from './server.js';
