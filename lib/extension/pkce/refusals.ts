/** The rules by which pkce refuses, for the operator. @see RFC 7636 */
import type { RefusalRule } from '../../refusal-rule.js';

export const PKCE_RULES: readonly RefusalRule[] = [
  {
    rule: 'pkce-challenge-missing',
    error: 'invalid_request',
    says: /^Missing required parameter: code_challenge$/,
    section: 'RFC 7636 §4.4.1',
    remedy: 'Have the client send code_challenge, with code_challenge_method=S256.',
  },
  {
    rule: 'pkce-method-unsupported',
    error: 'invalid_request',
    says: /^Unsupported code_challenge_method: /,
    section: 'RFC 7636 §4.4.1',
    remedy:
      'Have the client send code_challenge_method=S256: without it, the request means plain, which is not allowed here.',
  },
  {
    rule: 'pkce-challenge-malformed',
    error: 'invalid_request',
    says: /^Malformed code_challenge$/,
    section: 'RFC 7636 §4.2',
    remedy: 'Have the client send the SHA-256 of its code_verifier in base64url, without padding: 43 characters.',
  },
  {
    rule: 'pkce-verifier-missing',
    error: 'invalid_grant',
    says: /^Missing required parameter: code_verifier$/,
    section: 'RFC 7636 §4.5',
    remedy: 'Have the client send the code_verifier that fits the code_challenge of its authorization request.',
  },
  {
    rule: 'pkce-verifier-malformed',
    error: 'invalid_grant',
    says: /^Malformed code_verifier$/,
    section: 'RFC 7636 §4.1',
    remedy:
      'Have the client make a code_verifier of 43 to 128 unreserved characters: letters, digits, and - . _ ~ of URIs.',
  },
  {
    rule: 'pkce-verifier-wrong',
    error: 'invalid_grant',
    says: /^code_verifier does not match/,
    section: 'RFC 7636 §4.6',
    remedy:
      'Have the client keep the code_verifier of this very request, in this browser, and begin again: the code is spent. If it does, somebody has tried a stolen code.',
  },
  {
    rule: 'pkce-challenge-lost',
    error: 'invalid_grant',
    says: /code_challenge/,
    section: 'RFC 9700 §2.1.1',
    remedy:
      'Have the client send code_challenge with its authorization request, or keep the whole authorization with the code.',
  },
];
