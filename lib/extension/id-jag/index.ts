/**
 * draft-ietf-oauth-identity-assertion-authz-grant, `koauthorize/id-jag`: ID-JAGs, for identity providers and for servers that accept them. Every public name.
 */
export type { AcceptingServer, IssuedGrant, IssuesGrant, WantedGrant } from '../../assertion/grant.js';
export type { GrantIssuerOptions } from '../../assertion/grant-options.js';
export { type IssuesIDJAG, issueIDJAG } from './issue.js';
export { idJAG } from './server.js';
