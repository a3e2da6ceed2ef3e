/** The rules by which openid refuses, for the operator. @see OpenID Connect Core */
import type { RefusalRule } from '../../refusal-rule.js';

export const OPENID_RULES: readonly RefusalRule[] = [
  {
    rule: 'openid-login-required',
    error: 'login_required',
    section: 'OpenID Connect Core §3.1.2.1, §3.1.2.6',
    remedy:
      'Nothing: the client sent prompt=none, or asked for a certain user. It repeats the request without that, and the user logs in.',
  },
  {
    rule: 'openid-consent-required',
    error: 'consent_required',
    section: 'OpenID Connect Core §3.1.2.6',
    remedy: 'Nothing: the client sent prompt=none. It repeats the request without that, and the user is asked.',
  },
  {
    rule: 'openid-interaction-required',
    error: 'interaction_required',
    section: 'OpenID Connect Core §3.1.2.6',
    remedy: 'Nothing: the client sent prompt=none. It repeats the request without that, and the user sees the page.',
  },
  {
    rule: 'openid-account-selection-required',
    error: 'account_selection_required',
    section: 'OpenID Connect Core §3.1.2.6',
    remedy: 'Nothing: the client sent prompt=none. It repeats the request without that, and the user chooses.',
  },
  {
    rule: 'openid-registration-unsupported',
    error: 'registration_not_supported',
    section: 'OpenID Connect Core §7.2.1',
    remedy: 'Have the client register before it sends the request.',
  },
  {
    rule: 'openid-request-unsupported',
    error: 'request_not_supported',
    says: /^request is not supported$/,
    section: 'OpenID Connect Core §6.1',
    remedy: 'Plug in requestObjects(), or have the client send plain parameters.',
  },
  {
    rule: 'openid-request-uri-unsupported',
    error: 'request_uri_not_supported',
    says: /^request_uri is not supported$/,
    section: 'OpenID Connect Core §6.2',
    remedy: 'Plug in requestObjects(), or have the client send plain parameters.',
  },
  {
    rule: 'openid-nonce-missing',
    error: 'invalid_request',
    says: /^Missing required parameter: nonce$/,
    section: 'OpenID Connect Core §3.2.2.1, §3.3.2.1',
    remedy: 'Have the client send a nonce: without one, an ID token could be injected.',
  },
  {
    rule: 'openid-hint-invalid',
    error: 'invalid_request',
    says: /^id_token_hint /,
    section: 'OpenID Connect Core §3.1.2.1',
    remedy: 'Have the client send an ID token that this server issued to it, or none.',
  },
  {
    rule: 'openid-prompt-invalid',
    error: 'invalid_request',
    says: /prompt/,
    section: 'OpenID Connect Core §3.1.2.1',
    remedy: 'Have the client send only supported values of prompt, and none without another value.',
  },
  {
    rule: 'openid-claims-invalid',
    error: 'invalid_request',
    says: /^The parameter claims /,
    section: 'OpenID Connect Core §5.5',
    remedy: 'Have the client send a JSON object with userinfo and id_token.',
  },
  {
    rule: 'openid-scope-missing',
    error: 'invalid_scope',
    says: /^An ID token needs the scope openid$/,
    section: 'OpenID Connect Core §3.1.2.1',
    remedy: 'Have the client ask for the scope openid.',
  },
  {
    rule: 'openid-scope-denied',
    error: 'access_denied',
    says: /^The user did not allow the scope openid$/,
    section: 'OpenID Connect Core §3.1.2.1',
    remedy: 'Nothing, if the user did not allow the scope openid: without it there is no ID token.',
  },
  {
    rule: 'openid-user-gone-at-login',
    error: 'access_denied',
    says: /^There is no such user any more$/,
    section: 'OpenID Connect Core §2',
    remedy: 'Check whether the user was removed while the dialog was open.',
  },
  {
    rule: 'openid-user-gone',
    error: 'invalid_grant',
    says: /^There is no such user any more$/,
    section: 'OpenID Connect Core §2',
    remedy: 'Check whether the user was removed. If so, end their authorizations by tokens.revokeAll({ user }).',
  },
];
