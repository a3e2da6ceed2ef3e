/** ID-JAGs, from the identity provider's side: what token exchange issues for `requested_token_type` `id-jag`. */
import { grantIssuer, type IssuesGrant } from '../../assertion/grant.js';
import { type GrantIssuerOptions, requireGrantOptions } from '../../assertion/grant-options.js';
import type { Client } from '../../types.js';
import { ID_JAG, ID_JAG_TYPE } from './names.js';

const TYPE = 'urn:ietf:params:oauth:token-type:';

/** §4.3: identity assertions, and refresh tokens. Never access tokens: an API that receives one must not be able to act for the user elsewhere. */
const SUBJECT_TOKENS = [`${TYPE}id_token`, `${TYPE}saml2`, `${TYPE}refresh_token`];

/** By token types, for `tokenExchange({ issues })`. */
export type IssuesIDJAG<C> = Readonly<Record<typeof ID_JAG, IssuesGrant<C>>>;

/**
 * Issues ID-JAGs: a client with an ID token of a user gets an assertion for one other authorization server, by which it may act there for that user.
 * `tokenExchange({ allow })` decides which client may do so for which user, at which server and with what scope; `servers` lists the servers.
 *
 * @throws TypeError for invalid options
 * @example
 * server.extend(tokenExchange({
 *   allow: ({ audience }) => audience.includes('https://chat.example') && { scope: ['chat.read'] },
 *   issues: issueIDJAG<App>({ server, servers: { 'https://chat.example': { clientID: (app) => app.idAtChat, relyingParty: 'chat' } } }),
 * }));
 * @see draft-ietf-oauth-identity-assertion-authz-grant-03 §3, §4.3, §5
 */
export function issueIDJAG<C = Client>(options: GrantIssuerOptions<C>): IssuesIDJAG<C> {
  requireGrantOptions(options, 'issueIDJAG');
  const { server, servers, lifetime = 300 } = options;
  const kind = {
    type: ID_JAG_TYPE,
    subjectTypes: SUBJECT_TOKENS,
    namedBy: ['audience'],
    lifetime,
    what: 'issueIDJAG({ servers })',
  } as const;
  return { [ID_JAG]: grantIssuer<C, never>(server.core, servers, kind) };
}
