/** The rules by which resource-indicators refuses, for the operator. @see RFC 8707 */
import type { RefusalRule } from '../../refusal-rule.js';

export const RESOURCE_INDICATORS_RULES: readonly RefusalRule[] = [
  {
    rule: 'resource-unknown',
    error: 'invalid_target',
    says: /resource/i,
    section: 'RFC 8707 §2',
    remedy:
      'Add the resource to resourceIndicators({ resources }), or have the client name one that exists and was granted.',
  },
  {
    rule: 'resource-without-scope',
    error: 'invalid_scope',
    says: /^Nothing of the scope is for this resource$/,
    section: 'RFC 8707 §2',
    remedy: 'Have the client ask for a scope of this resource.',
  },
  {
    rule: 'resource-denied',
    error: 'access_denied',
    says: /^No resource was granted$/,
    section: 'RFC 8707 §2',
    remedy: 'Nothing, if the user or a policy allowed none of the resources.',
  },
  {
    rule: 'resource-no-longer-allowed',
    error: 'invalid_grant',
    says: /^None of the resources is left$/,
    section: 'RFC 8707 §2.2',
    remedy: 'Begin the flow again, for resources that still exist.',
  },
];
