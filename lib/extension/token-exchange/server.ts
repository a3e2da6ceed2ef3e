/** RFC 8693: OAuth 2.0 Token Exchange. */

import { relaxationsOf } from '../../findings.js';
import { TOKEN_EXCHANGE_RULES } from './refusals.js';
import './members.js';
import type { Core, Extension, Plug } from '../../core.js';
import type { Client } from '../../types.js';
import { tokensOf } from './access-token.js';
import { tokenExchangeOf } from './exchange.js';
import { issuerOf, typesForOther } from './issuers.js';
import { ACCESS_TOKEN, TOKEN_EXCHANGE } from './names.js';
import { RELAXATIONS, requireOptions, type TokenExchangeOptions } from './options.js';

/**
 * Lets a service exchange a token that it received for one of its own, with which it calls the next service on behalf of the same user. The new token names the
 * actor (`act`). Its scope, APIs and lifetime never exceed those of the subject token, and it ends with the authorization that both belong to. `may_act` of a
 * token is obeyed. There are no refresh tokens.
 *
 * Every exchange must be permitted by `allow`.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, without a token service
 * @example
 * server.extend(tokenExchange({
 *   allow: ({ client, subject }) => client.client_id === 'orders' && subject.clientID === 'shop' && { scope: ['stock:read'] },
 * }));
 * @see RFC 8693 §2, §4
 */
export function tokenExchange<C = Client, U = unknown>(options: TokenExchangeOptions<C>): Plug<C, U> {
  requireOptions(options);
  return (core: Core<C, U>): Extension<C, U> => ({
    name: 'tokenExchange',
    spec: 'RFC 8693',
    refusals: TOKEN_EXCHANGE_RULES,
    parameters: [
      ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'],
      ...['requested_token_type', 'audience', 'resource'],
    ],
    repeatable: ['audience', 'resource'], // §2.1: multiple may be used
    adds: ['exchanged', 'issued_token_type'],
    errors: { invalid_target: 400 },
    exchanges: [tokenExchangeOf(core, options)],
    token: {
      grantTypes: [TOKEN_EXCHANGE],
      check: async ({ exchanged }) => ({ claims: exchanged?.claims }),
      respond: async (_response, { requestedTokenType = ACCESS_TOKEN }) => ({
        issued_token_type: issuerOf(options, requestedTokenType) ? requestedTokenType : ACCESS_TOKEN, // §2.2.1: REQUIRED
      }),
    },
    metadata: () => ({ identity_chaining_requested_token_types_supported: typesForOther(options) }),
    ready: (whole) => void tokensOf(whole),
    findings: () => relaxationsOf('tokenExchange', options, RELAXATIONS),
  });
}
