/** The rules by which request-objects refuses, for the operator. @see RFC 9101 */
import type { RefusalRule } from '../../refusal-rule.js';

export const REQUEST_OBJECTS_RULES: readonly RefusalRule[] = [
  {
    rule: 'request-object-invalid',
    error: 'invalid_request_object',
    section: 'RFC 9101 §6.2, §6.3',
    remedy: 'Have the client sign its request with a registered key; the reason says what is wrong with this one.',
  },
  {
    rule: 'request-uri-invalid',
    error: 'invalid_request_uri',
    says: /^The request_uri gives no request object$/,
    section: 'RFC 9101 §5.2, §7',
    remedy: 'Register the request_uri, and have it answer with the request object.',
  },
  {
    rule: 'request-uri-unsupported',
    error: 'request_uri_not_supported',
    says: /^request_uri is not supported: send request$/,
    section: 'RFC 9101 §7',
    remedy: 'Have the client send the request object itself, in the parameter request.',
  },
  {
    rule: 'request-object-elsewhere',
    error: 'request_not_supported',
    says: /^request is not supported here$/,
    section: 'RFC 9101 §5, §7',
    remedy:
      'Have the client send plain parameters: requests at this endpoint, such as those of devices, cannot be signed.',
  },
  {
    rule: 'request-object-needed',
    error: 'invalid_request',
    says: /^The authorization request must be a signed request object$/,
    section: 'RFC 9101 §10.5',
    remedy: 'Have the client sign its request, or register it without require_signed_request_object.',
  },
  {
    rule: 'request-object-twice',
    error: 'invalid_request',
    says: /^request and request_uri must not come together$/,
    section: 'RFC 9101 §5',
    remedy: 'Have the client send only one of the two.',
  },
];
