/** Rules of the authorization endpoint, and of the dialog behind it. */
import type { RefusalRule } from '../../refusal-rule.js';

export const DIALOG_RULES: readonly RefusalRule[] = [
  {
    rule: 'redirect-uri-not-registered',
    error: 'invalid_request',
    says: /^(?:Unregistered|Invalid|Missing) redirect URI$/,
    section: 'RFC 6749 §3.1.2.3, RFC 9700 §4.1.3',
    remedy:
      'Register exactly the redirect URI that the client sends, letter by letter, or have the client send one that is registered.',
  },
  {
    rule: 'redirect-uri-missing',
    error: 'invalid_request',
    says: /^Missing required parameter: redirect_uri$/,
    section: 'RFC 6749 §3.1.2.3',
    remedy: 'Have the client send redirect_uri, since it registered several redirect URIs or none.',
  },
  {
    rule: 'dialog-unnamed',
    error: 'invalid_request',
    says: /^Missing required parameter: transaction_id$/,
    section: 'RFC 6749 §10.12',
    remedy: 'Put ctx.state.oauth2.transactionID into the form of your page, as transaction_id.',
  },
  {
    rule: 'client-unknown',
    error: 'unauthorized_client',
    says: /^Unauthorized client$/,
    section: 'RFC 6749 §4.1.2.1',
    remedy: 'Compare client_id with the registered clients: nobody registered this one, or it was removed.',
  },
  {
    rule: 'client-id-differs',
    error: 'invalid_request',
    says: /^The request (?:is of|names) another client$/,
    section: 'RFC 6749 §4.1.1',
    remedy: 'Have the client send its own client_id, the same everywhere in the request.',
  },
  {
    rule: 'response-type-not-registered',
    error: 'unauthorized_client',
    says: /^Unauthorized response type: /,
    section: 'RFC 6749 §4.1.2.1, RFC 7591 §2',
    remedy:
      'Add the response type to response_types of the client, and its grant type to grant_types; or have the client ask for another.',
  },
  {
    rule: 'client-metadata-unsupported',
    error: 'unauthorized_client',
    says: /^This client needs what the server does not support$/,
    section: 'RFC 7591 §2',
    remedy:
      'Plug in the extension that enforces the member of the registration that the reason names, or register the client without it.',
  },
  {
    rule: 'response-type-unsupported',
    error: 'unsupported_response_type',
    section: 'RFC 6749 §4.1.2.1',
    remedy: 'Plug in a grant for this response type by server.grant(), or have the client ask for response_type=code.',
  },
  {
    rule: 'response-mode-unsupported',
    error: 'invalid_request',
    says: /^Unsupported response mode: /,
    section: 'OAuth 2.0 Multiple Response Type Encoding Practices §2.1',
    remedy: 'Have the client leave out response_mode, or ask for one that the metadata of the server lists.',
  },
  {
    rule: 'dialog-not-found',
    error: 'access_denied',
    says: /^Unable to load /,
    section: 'RFC 6749 §10.12',
    remedy:
      'Have the user start again at the client: the dialog was answered, is too old, or belongs to another browser, user or server; the reason says which. Where nobody is logged in, put your login before server.decision().',
  },
  {
    rule: 'dialog-answered',
    error: 'access_denied',
    says: /^This dialog was answered already/,
    section: 'RFC 6749 §10.12',
    remedy: 'Nothing: the client has the first answer. Show the user a link back to the client.',
  },
  {
    rule: 'dialog-not-complete',
    error: 'access_denied',
    says: /^Before this can be allowed/,
    section: 'RFC 6749 §4.1.1',
    remedy: 'Draw the pages of txn.prompts before the consent, and come back by server.resume({ done }).',
  },
  {
    rule: 'too-large-for-a-cookie',
    error: 'invalid_request',
    says: /^(?:The authorization request is too large|The session is a cookie)/,
    section: 'RFC 6265 §6.1',
    remedy: 'Keep sessions in a store on the server, and not in a cookie.',
  },
  {
    rule: 'denied',
    error: 'access_denied',
    section: 'RFC 6749 §4.1.2.1',
    remedy:
      'Nothing, if the user denied access. Otherwise the application did, in immediate or in the callback of the grant.',
  },
];
