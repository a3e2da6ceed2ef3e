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
 * `client_id` of a grant is what the other server calls the client. There, `namesClient: true` of this issuer has it compared.
 *
 * What the other domain is told of the user, `claims` of each server says (claims transcription). The scope is what `tokenExchange({ allow })`
 * gives: of the words of that server which tokens here do not have, `allowFurtherScope` names those that a grant may have.
 *
 * @throws TypeError for options that cannot be meant
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
    type: 'authorization-grant+jwt', // explicit: no access token or ID token can pass for it. RFC 8725 §3.11
    subjectTypes: [`${TYPE}access_token`, `${TYPE}id_token`, JWT],
    namedBy: ['audience', 'resource'], // §2.3.1: one of the two
    lifetime,
    what: 'issueGrants({ servers })',
  } as const;
  return { [JWT]: grantIssuer<C, never>(server.core, servers, kind) };
}
