/** What good requests and their mutations come to: a campaign that does not get there proves nothing. */

/** Reached five times in 3,000 cases, or more often. */
export const OFTEN: readonly string[] = [
  ...['HTTP/1.1', 'HTTP/2', 'HTTP/2, cut off', 'target that cannot be read', 'too many parameters'],
  ...['authorize dialog', 'authorize 400 invalid_request', 'authorize query: code', 'authorize query: invalid_request'],
  ...[
    'authorize fragment: access_token',
    'bearer 200',
    'bearer 401',
    'bearer 401 invalid_token',
    'bearer 403 insufficient_scope',
  ],
  ...[
    'decision query: code',
    'decision query: access_denied',
    'decision 400 invalid_request',
    'decision 403 access_denied',
  ],
  ...['document 200', 'introspect 200 active: true', 'introspect 400 invalid_request', 'introspect 401 invalid_client'],
  ...['revoke 200', 'revoke 400 invalid_request', 'login 403 access_denied', 'token 200', 'token 400 invalid_grant'],
  ...['token 400 invalid_request', 'token 400 unsupported_grant_type', 'token 401 invalid_client'],
];

/** Reached at least now and then in a long run. */
export const ALL: readonly string[] = [
  ...OFTEN,
  ...['invalid_scope', 'unsupported_response_type', 'unmet_authentication_requirements'].map(
    (code) => `authorize query: ${code}`,
  ),
  ...['code', 'code access_token', 'invalid_request', 'invalid_scope'].map((what) => `authorize fragment: ${what}`),
  ...['code', 'invalid_request'].map((what) => `authorize form_post: ${what}`),
  ...['403 unauthorized_client', '413 invalid_request', '415 invalid_request'].map((what) => `authorize ${what}`),
  ...['query: invalid_scope', 'fragment: access_token', 'fragment: code access_token'].map(
    (what) => `decision ${what}`,
  ),
  ...['form_post: code', '405 invalid_request', '413 invalid_request', '415 invalid_request'].map(
    (what) => `decision ${what}`,
  ),
  ...['login query: access_denied', 'login form_post: access_denied', 'resume dialog', 'resume query: code'],
  ...['resume 400 invalid_request', 'resume 403 access_denied', 'introspect 200 active: false'],
  ...['introspect 405 invalid_request', 'revoke 401 invalid_client', 'revoke 405 invalid_request'],
  ...[
    'token 400 invalid_scope',
    'token 400 unauthorized_client',
    'token 405 invalid_request',
    'token 413 invalid_request',
  ],
  ...['bearer 400 invalid_request', 'bearer 401 insufficient_user_authentication', 'bearer 413 invalid_request'],
];

/** Where every extension is plugged in: reached ten times in 800 cases, or more often. */
export const OFTEN_EXTENDED: readonly string[] = [
  ...['HTTP/1.1', 'HTTP/2', 'HTTP/2, cut off', 'authorize dialog', 'resume dialog', 'decision query: code'],
  'authorize query: code',
  ...['authorize query: invalid_request', 'authorize query: invalid_dpop_proof'],
  ...['authorize 400 invalid_request', 'authorize 400 invalid_request_uri'],
  ...['par 201', 'par 400 invalid_request', 'introspect 200 active: true', 'introspect 200 active: true in a JWT'],
  ...['token 200', 'token 400 invalid_request', 'token 400 invalid_dpop_proof', 'revoke 200'],
  ...['device_authorization 200', 'backchannel_authentication 200'],
];

/** The same of a long run. */
export const ALL_EXTENDED: readonly string[] = [
  ...OFTEN_EXTENDED,
  ...['authorize query: code in a JWT', 'authorize fragment: id_token', 'authorize 400 invalid_request_object'],
  ...['code', 'consent', 'allowed', 'denied', 'login'].map((page) => `device page ${page}`),
  ...['consent', 'allowed', 'denied', 'login', 'gone'].map((page) => `backchannel page ${page}`),
  ...['backchannel_authentication 400 invalid_binding_message', 'backchannel_authentication 400 unknown_user_id'],
  ...[
    'device 403 access_denied',
    'backchannel 403 access_denied',
    'token 400 authorization_pending',
    'token 400 invalid_grant',
  ],
];

export function missing(outcomes: ReadonlyMap<string, number>, expected: readonly string[]): readonly string[] {
  return expected.filter((outcome) => !outcomes.has(outcome));
}
