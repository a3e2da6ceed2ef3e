/** The rules by which token-exchange refuses, for the operator. @see RFC 8693 */
import type { RefusalRule } from '../../refusal-rule.js';

export const TOKEN_EXCHANGE_RULES: readonly RefusalRule[] = [
  {
    rule: 'exchange-target',
    error: 'invalid_target',
    section: 'RFC 8693 §2.2.2',
    remedy: 'Allow the client this target in tokenExchange({ allow }), or have it name another.',
  },
  {
    rule: 'exchange-token-invalid',
    error: 'invalid_request',
    says: /^(?:(?:subject|actor)_token |The (?:subject token|token|actor|exchange) |Unsupported (?:requested_token_type|token type)$|Too many have acted already$)/,
    section: 'RFC 8693 §2.2.2',
    remedy:
      'Have the client present a token that is valid here, of the type that it names; the reason says what is wrong with this one.',
  },
];
