/** Rules of every endpoint; and a rule for each code of RFC 6749, for messages that no earlier rule matches. */
import type { RefusalRule } from '../../refusal-rule.js';

export const ANY_RULES: readonly RefusalRule[] = [
  {
    rule: 'parameter-missing',
    error: 'invalid_request',
    says: /^Missing required parameter: /,
    section: 'RFC 6749 §4.1.2.1, §5.2',
    remedy: 'Have the client send the parameter, with a value: an empty one counts as absent.',
  },
  {
    rule: 'parameter-repeated',
    error: 'invalid_request',
    says: /^Invalid parameter: /,
    section: 'RFC 6749 §3.1, §3.2',
    remedy: 'Have the client send each parameter once, as text.',
  },
  {
    rule: 'parameter-malformed',
    error: 'invalid_request',
    says: /^Malformed parameter: /,
    section: 'RFC 6749 appendix A',
    remedy: 'Have the client send only characters that the syntax of this parameter has.',
  },
  {
    rule: 'method-not-allowed',
    error: 'invalid_request',
    says: /^The request must be a /,
    section: 'RFC 6749 §3.2, RFC 9110 §15.5.6',
    remedy: 'Have the client use the method that the Allow header of the answer names.',
  },
  {
    rule: 'body-unreadable',
    error: 'invalid_request',
    says: /^(?:Content-Type must be |The request body )/,
    section: 'RFC 6749 appendix B, RFC 9110 §15.5.14, §15.5.16',
    remedy:
      'Have the client send a complete body of the type that this endpoint accepts, without a Content-Encoding: mostly application/x-www-form-urlencoded, of 64 KiB at most. If it does, look for a middleware that reads bodies before the toolkit does.',
  },
  {
    rule: 'too-many-parameters',
    error: 'invalid_request',
    says: /^The request has too many parameters$/,
    section: 'RFC 9110 §17.5',
    remedy: 'Have the client send fewer than 1,000 parameters.',
  },
  {
    rule: 'request-target-unreadable',
    error: 'invalid_request',
    says: /^The request target cannot be read$/,
    section: 'RFC 9112 §3.2',
    remedy: 'Nothing, unless your own client sent it: it is not a URL.',
  },
  {
    rule: 'client-authentication-failed',
    error: 'invalid_client',
    section: 'RFC 6749 §2.3, §5.2',
    remedy:
      'Compare client_id, the method of authentication and the secret or key with the registration; the reason says which of them failed.',
  },
  {
    rule: 'scope-malformed',
    error: 'invalid_scope',
    says: /^(?:Empty|Malformed) scope|^None of the scope is known here$/,
    section: 'RFC 6749 §3.3',
    remedy: 'Have the client send the words of the scope, separated by single spaces.',
  },
  {
    rule: 'scope-not-registered',
    error: 'invalid_scope',
    says: /^Scope is (?:not|no longer) for this client/,
    section: 'RFC 6749 §3.3, RFC 7591 §2',
    remedy: 'Add the word to scope of the client, or have the client ask for less.',
  },
  {
    rule: 'too-many-attempts',
    error: 'temporarily_unavailable',
    says: /^Too many /,
    section: 'RFC 6585 §4',
    remedy:
      'Wait for the seconds in Retry-After. If your own clients do not send so many requests, somebody is guessing secrets.',
  },
  {
    rule: 'invalid-request',
    error: 'invalid_request',
    section: 'RFC 6749 §4.1.2.1, §5.2',
    remedy: 'Have the client correct what error_description names.',
  },
  {
    rule: 'invalid-grant',
    error: 'invalid_grant',
    section: 'RFC 6749 §5.2',
    remedy: 'Begin the flow again: what the client has presented is not valid, or belongs to another client.',
  },
  {
    rule: 'invalid-scope',
    error: 'invalid_scope',
    section: 'RFC 6749 §3.3',
    remedy: 'Have the client ask for a scope that the server knows and the client may have.',
  },
  {
    rule: 'unauthorized-client',
    error: 'unauthorized_client',
    section: 'RFC 6749 §4.1.2.1, §5.2',
    remedy: 'Change what the client registered, or have it ask for what it registered.',
  },
  {
    rule: 'unavailable',
    error: 'temporarily_unavailable',
    section: 'RFC 6749 §4.1.2.1',
    remedy:
      'Look in the log under this trace ID for the store or server that did not answer; the client may try again.',
  },
  {
    rule: 'server-error',
    error: 'server_error',
    section: 'RFC 6749 §4.1.2.1',
    remedy:
      'Look in the log under this trace ID: this is a fault of the server, and the client can do nothing about it.',
  },
];
