/** The rules by which backchannel-authentication refuses, for the operator. @see OpenID Connect Client-Initiated Backchannel Authentication */
import type { RefusalRule } from '../../refusal-rule.js';

export const BACKCHANNEL_AUTHENTICATION_RULES: readonly RefusalRule[] = [
  {
    rule: 'ciba-user-unknown',
    error: 'unknown_user_id',
    section: 'CIBA Core §13',
    remedy: 'Compare the hint with the users that backchannelAuthentication({ findUser }) finds.',
  },
  {
    rule: 'ciba-hint-expired',
    error: 'expired_login_hint_token',
    section: 'CIBA Core §13',
    remedy: 'Have the client send a newer login_hint_token.',
  },
  {
    rule: 'ciba-user-code-missing',
    error: 'missing_user_code',
    section: 'CIBA Core §13',
    remedy: 'Have the client ask the user for the user code, and send it.',
  },
  {
    rule: 'ciba-user-code-wrong',
    error: 'invalid_user_code',
    section: 'CIBA Core §13',
    remedy: 'Have the user type the user code again.',
  },
  {
    rule: 'ciba-binding-message',
    error: 'invalid_binding_message',
    section: 'CIBA Core §13',
    remedy: 'Have the client send a shorter message of plain characters.',
  },
  {
    rule: 'ciba-scope-missing',
    error: 'invalid_scope',
    says: /^The scope must contain openid$/,
    section: 'CIBA Core §7.1',
    remedy: 'Have the client ask for the scope openid.',
  },
  {
    rule: 'ciba-denied',
    error: 'access_denied',
    says: /^The request was denied$/,
    section: 'CIBA Core §13',
    remedy: 'Nothing, if the application denied the request.',
  },
];
