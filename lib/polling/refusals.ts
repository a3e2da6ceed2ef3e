/** The rules by which polls are refused, for the operator. @see RFC 8628 §3.5, CIBA Core §11 */
import type { RefusalRule } from '../refusal-rule.js';

export const POLLING_RULES: readonly RefusalRule[] = [
  {
    rule: 'poll-pending',
    error: 'authorization_pending',
    section: 'RFC 8628 §3.5',
    remedy: 'Nothing: the client goes on polling until the user has decided.',
    isOrdinary: true,
  },
  {
    rule: 'poll-too-early',
    error: 'slow_down',
    section: 'RFC 8628 §3.5',
    remedy: 'Have the client wait for the seconds of interval, and five more after each such answer.',
  },
  {
    rule: 'poll-expired',
    error: 'expired_token',
    section: 'RFC 8628 §3.5',
    remedy: 'Have the client begin again: the user has not decided in time.',
  },
  {
    rule: 'poll-denied',
    error: 'access_denied',
    says: /^The user has denied it$/,
    section: 'RFC 8628 §3.5',
    remedy: 'Nothing: the user denied access.',
  },
  {
    rule: 'poll-code-invalid',
    error: 'invalid_grant',
    says: /^Invalid (?:device code|auth_req_id)$/,
    section: 'RFC 6749 §5.2',
    remedy: 'Have the client begin again: the code is unknown, was used, or belongs to another client.',
  },
];
