/** The rules by which client-registration refuses, for the operator. @see RFC 7591 */
import type { RefusalRule } from '../../refusal-rule.js';

export const CLIENT_REGISTRATION_RULES: readonly RefusalRule[] = [
  {
    rule: 'registration-metadata',
    error: 'invalid_client_metadata',
    section: 'RFC 7591 §2, §3.2.2',
    remedy: 'Correct the member of the metadata that error_description names.',
  },
  {
    rule: 'registration-redirect-uri',
    error: 'invalid_redirect_uri',
    section: 'RFC 7591 §3.2.2',
    remedy: 'Register absolute redirect URIs without a fragment: https, or http on a loopback address.',
  },
  {
    rule: 'software-statement-invalid',
    error: 'invalid_software_statement',
    section: 'RFC 7591 §2.3, §3.2.2',
    remedy: 'Ask the issuer of the software statement for a new one; the reason says what is wrong with this one.',
  },
  {
    rule: 'software-statement-unapproved',
    error: 'unapproved_software_statement',
    section: 'RFC 7591 §3.2.2',
    remedy: 'Add the issuer of the statement to those that the server trusts, or use a statement of one of these.',
  },
];
