/** draft-ietf-oauth-identity-chaining, `koauthorize/identity-chaining`: grants for authorization servers of other domains. Every public name. */
export type { AcceptingServer, IssuedGrant, IssuesGrant, WantedGrant } from '../../assertion/grant.js';
export type { GrantIssuerOptions } from '../../assertion/grant-options.js';
export { type IssuesGrants, issueGrants } from './server.js';
