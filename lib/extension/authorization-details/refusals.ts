/** The rules by which authorization-details refuses, for the operator. @see RFC 9396 */
import type { RefusalRule } from '../../refusal-rule.js';

export const AUTHORIZATION_DETAILS_RULES: readonly RefusalRule[] = [
  {
    rule: 'details-invalid',
    error: 'invalid_authorization_details',
    section: 'RFC 9396 §5, §8',
    remedy:
      'Have the client send details of a type that the server lists, with the members of that type; the reason says what is wrong.',
  },
  {
    rule: 'details-denied',
    error: 'access_denied',
    says: /^Nothing was granted$/,
    section: 'RFC 9396 §3',
    remedy: 'Nothing, if the user allowed none of the details.',
  },
  {
    rule: 'details-no-longer-allowed',
    error: 'invalid_grant',
    says: /^Nothing of what was granted is left$/,
    section: 'RFC 9396 §6',
    remedy: 'Begin the flow again: no detail that was granted can be used any more.',
  },
];
