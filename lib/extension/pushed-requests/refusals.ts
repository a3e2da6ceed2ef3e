/** The rules by which pushed-requests refuses, for the operator. @see RFC 9126 */
import type { RefusalRule } from '../../refusal-rule.js';

export const PUSHED_REQUESTS_RULES: readonly RefusalRule[] = [
  {
    rule: 'pushed-request-gone',
    error: 'invalid_request_uri',
    says: /^The request_uri is not valid$/,
    section: 'RFC 9126 §2.2, §4',
    remedy:
      'Have the client push its request again: a request_uri is valid once, for a short time, and for its own client. Have users log in after server.authorization(), not before.',
  },
  {
    rule: 'pushed-request-needed',
    error: 'invalid_request',
    says: /^The authorization request must be pushed first$/,
    section: 'RFC 9126 §5, §6',
    remedy: 'Have the client push its request to the pushed authorization request endpoint first.',
  },
  {
    rule: 'pushed-request-uri-pushed',
    error: 'invalid_request',
    says: /^request_uri cannot be pushed$/,
    section: 'RFC 9126 §2.1',
    remedy: 'Have the client push the parameters themselves.',
  },
  {
    rule: 'pushed-request-too-large',
    error: 'invalid_request',
    says: /^The authorization request is too large$/,
    section: 'RFC 9126 §2.3',
    remedy: 'Have the client send a smaller request.',
  },
  {
    rule: 'request-objects-unsupported',
    error: 'request_not_supported',
    says: /^request is not supported$/,
    section: 'RFC 9101 §7',
    remedy: 'Plug in requestObjects(), or have the client send plain parameters.',
  },
];
