/** The rules by which logins are refused, for the operator. @see RFC 9470 §5 */
import type { RefusalRule } from '../refusal-rule.js';

export const LOGIN_RULES: readonly RefusalRule[] = [
  {
    rule: 'login-unmet',
    error: 'unmet_authentication_requirements',
    section: 'RFC 9470 §5',
    remedy: 'Have the client ask for an acr that the metadata lists, and the server log users in by that means.',
  },
  {
    rule: 'max-age-malformed',
    error: 'invalid_request',
    says: /^max_age /,
    section: 'RFC 9470 §4',
    remedy: 'Have the client send max_age as a whole number of seconds.',
  },
];
