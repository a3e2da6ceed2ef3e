/** The rules by which an API refuses. */
import type { RefusalRule } from '../refusal-rule.js';

export const API_RULES: readonly RefusalRule[] = [
  {
    rule: 'token-missing',
    error: '',
    section: 'RFC 6750 §3',
    remedy:
      'Have the client send its access token in the Authorization header. Many clients ask once without it, to learn where to get one.',
  },
  {
    rule: 'token-invalid',
    error: 'invalid_token',
    section: 'RFC 6750 §3.1',
    remedy:
      'If the reason says that the token has expired or was revoked, have the client refresh it. If every token is reported as not active, check whether the authorization server lets this API introspect tokens: introspectedBy, or introspection({ resourceServer }). If the reason names the issuer, audience, type or key, compare it with the options of the verifier.',
  },
  {
    rule: 'scope-insufficient',
    error: 'insufficient_scope',
    section: 'RFC 6750 §3.1',
    remedy: 'Have the client ask the user for the scope that the challenge names.',
  },
  {
    rule: 'token-twice',
    error: 'invalid_request',
    says: /^More than one (?:Authorization header|access token)$/,
    section: 'RFC 6750 §2',
    remedy: 'Have the client send its token once, in the Authorization header.',
  },
];
