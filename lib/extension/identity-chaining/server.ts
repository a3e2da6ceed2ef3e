/** draft-ietf-oauth-identity-chaining-17: OAuth Identity and Authorization Chaining Across Domains, the first domain's side. */
import { grantIssuer, type IssuesGrant } from '../../assertion/grant.js';
import { type GrantIssuerOptions, requireGrantOptions } from '../../assertion/grant-options.js';
import type { Client } from '../../types.js';

const TYPE = 'urn:ietf:params:oauth:token-type:';
const JWT = `${TYPE}jwt`;

/** By token types, for `tokenExchange({ issues })`. */
export type IssuesGrants<C> = Readonly<Record<typeof JWT, IssuesGrant<C>>>;

/**
 * Issues JWT authorization grants for authorization servers of other domains: a service that was called for a user gets one by token exchange
 * (`requested_token_type` `jwt`), presents it to the other domain's server, and calls an API there for the same user. `jwtBearer()` is the other side.
 *
 * `client_id` of a grant is the identifier of the client at the other server. If that server sets `namesClient: true` for this issuer, it compares both.
 *
 * `claims` of each server chooses the claims of the user that the other domain gets (claims transcription). `tokenExchange({ allow })` decides the scope. A
 * scope word of the other server that the subject token does not have must also be named in `allowFurtherScope`.
 *
 * @throws TypeError for invalid options
 * @example
 * server.extend(tokenExchange({
 *   allow: ({ client, subject }) =>
 *     client.client_id === 'orders' && subject.scope?.includes('orders') && { scope: ['stock:read'], allowFurtherScope: ['stock:read'] },
 *   issues: issueGrants<App>({ server, servers: { 'https://as.b.example': { clientID: () => 'orders-at-b' } } }),
 * }));
 * @see draft-ietf-oauth-identity-chaining-17 §2.3, §2.5
 */
export function issueGrants<C = Client>(options: GrantIssuerOptions<C>): IssuesGrants<C> {
  requireGrantOptions(options, 'issueGrants');
  const { server, servers, lifetime = 300 } = options;
  const kind = {
    type: 'authorization-grant+jwt', // explicit typing, RFC 8725 §3.11: no access token or ID token can be used as a grant
    subjectTypes: [`${TYPE}access_token`, `${TYPE}id_token`, JWT],
    namedBy: ['audience', 'resource'], // §2.3.1: the request has one of the two
    lifetime,
    what: 'issueGrants({ servers })',
  } as const;
  return { [JWT]: grantIssuer<C, never>(server.core, servers, kind) };
}
