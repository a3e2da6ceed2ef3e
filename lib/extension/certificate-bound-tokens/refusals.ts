/** The rules by which certificate-bound-tokens refuses, for the operator. @see RFC 8705 */
import type { RefusalRule } from '../../refusal-rule.js';

export const CERTIFICATE_BOUND_TOKENS_RULES: readonly RefusalRule[] = [
  {
    rule: 'certificate-missing',
    error: 'invalid_request',
    says: /^A client certificate is required$/,
    section: 'RFC 8705 §3',
    remedy: 'Have the client connect with its certificate, and have the proxy forward the certificate.',
  },
  {
    rule: 'certificate-wrong',
    error: 'invalid_grant',
    says: /^Bound to another client certificate$/,
    section: 'RFC 8705 §4',
    remedy: 'Have the client connect with the same certificate as at the beginning of the flow.',
  },
  {
    rule: 'certificate-binding-impossible',
    error: 'unauthorized_client',
    says: /^Tokens of this client are bound to its certificate$/,
    section: 'RFC 8705 §6.4',
    remedy:
      'Have the client use response_type=code: the authorization endpoint does not receive the certificate of the client.',
  },
];
