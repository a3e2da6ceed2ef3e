/** Rules of the token endpoint. */
import type { RefusalRule } from '../../refusal-rule.js';

export const TOKEN_RULES: readonly RefusalRule[] = [
  {
    rule: 'client-authentication-twice',
    error: 'invalid_request',
    says: /^More than one way of client authentication$/,
    section: 'RFC 6749 §2.3',
    remedy: 'Have the client authenticate in one way: by the Authorization header, or in the form.',
  },
  {
    rule: 'public-client',
    error: 'unauthorized_client',
    says: /^Not for public clients$/,
    section: 'RFC 6749 §4.4',
    remedy:
      'Register the client with a secret or a key, and have it authenticate; a public client cannot prove who it is.',
  },
  {
    rule: 'grant-type-not-registered',
    error: 'unauthorized_client',
    says: /^Unauthorized grant type: /,
    section: 'RFC 6749 §5.2, RFC 7591 §2',
    remedy: 'Add the grant type to grant_types of the client, or have the client use one of those that it registered.',
  },
  {
    rule: 'grant-type-unsupported',
    error: 'unsupported_grant_type',
    section: 'RFC 6749 §5.2',
    remedy: 'Plug in an exchange for this grant type by server.exchange(), or have the client use another.',
  },
  {
    rule: 'code-invalid',
    error: 'invalid_grant',
    says: /^Invalid authorization code$/,
    section: 'RFC 6749 §4.1.2, §4.1.3',
    remedy:
      'Begin the flow again. A code is valid once, for a minute, and for its own client; the event denied of the token service says which of these failed.',
  },
  {
    rule: 'refresh-token-invalid',
    error: 'invalid_grant',
    says: /^Invalid refresh token$/,
    section: 'RFC 6749 §6, RFC 9700 §4.14.2',
    remedy:
      'Log the user in again. Have the client keep the newest refresh token: the use of an earlier one ends the authorization.',
  },
  {
    rule: 'refreshed-too-often',
    error: 'temporarily_unavailable',
    says: /^Refreshed too often$/,
    section: 'RFC 6585 §4',
    remedy: 'Have the client use an access token until it expires, and refresh once.',
  },
  {
    rule: 'password-wrong',
    error: 'invalid_grant',
    says: /^Invalid resource owner credentials$/,
    section: 'RFC 6749 §4.3.2, §5.2',
    remedy: 'Have the user type the password again; better, move the client to the authorization code grant.',
  },
  {
    rule: 'issued-to-another-client',
    error: 'invalid_grant',
    says: /^Issued to another client$/,
    section: 'RFC 6749 §4.1.3, §6',
    remedy:
      'Have the client that was issued the code or token use it itself. If it has not given it away, somebody may have stolen it.',
  },
  {
    rule: 'redirect-uri-differs',
    error: 'invalid_grant',
    says: /^Redirect URI is not the one of the authorization request$/,
    section: 'RFC 6749 §4.1.3',
    remedy:
      'Have the client send the same redirect_uri as at the authorization endpoint, letter by letter, or none at both.',
  },
  {
    rule: 'authorization-ended',
    error: 'invalid_grant',
    says: /^The authorization (?:has ended|was fetched)/,
    section: 'RFC 6749 §5.2',
    remedy:
      'Begin the flow again: this authorization was ended by the user, the client or the server, or it was used already.',
  },
  {
    rule: 'scope-no-longer-allowed',
    error: 'invalid_grant',
    says: /^(?:Nothing of the granted scope is left|Scope is no longer for this client: )/,
    section: 'RFC 6749 §6, RFC 7591 §2',
    remedy: 'Register the scope for the client again, or begin the flow again with what it may still have.',
  },
  {
    rule: 'scope-not-granted',
    error: 'invalid_scope',
    says: /^Scope was not granted/,
    section: 'RFC 6749 §6',
    remedy: 'Have the client ask for no more than the user allowed, or begin the flow again with the wider scope.',
  },
];
