/** The rules by which jwt-bearer refuses, for the operator. @see RFC 7523 */
import type { RefusalRule } from '../../refusal-rule.js';

export const JWT_BEARER_RULES: readonly RefusalRule[] = [
  {
    rule: 'assertion-invalid',
    error: 'invalid_grant',
    says: /^Invalid assertion$/,
    section: 'RFC 7523 §3',
    remedy:
      'Compare issuer, audience, times and key of the assertion with jwtBearer({ issuers }); the reason says which of them failed.',
  },
  {
    rule: 'assertion-key-unproved',
    error: 'invalid_grant',
    says: /^The assertion is bound to a key/,
    section: 'RFC 7800 §3',
    remedy: 'Have the client prove the key that the cnf of the assertion names.',
  },
];
