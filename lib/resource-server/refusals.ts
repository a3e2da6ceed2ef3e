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
      'Have the client refresh its token. The reason says whether it is expired, revoked, for another API, or bound to a key that was not proved.',
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
