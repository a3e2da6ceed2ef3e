/** The rules by which step-up refuses, for the operator. @see RFC 9470 */
import type { RefusalRule } from '../../refusal-rule.js';

export const STEP_UP_RULES: readonly RefusalRule[] = [
  {
    rule: 'login-insufficient',
    error: 'insufficient_user_authentication',
    section: 'RFC 9470 §3',
    remedy: 'Have the client request a new login, with the acr_values and max_age of the challenge.',
  },
];
