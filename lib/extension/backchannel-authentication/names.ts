/** The names of CIBA. */
export const CIBA = 'urn:openid:params:grant-type:ciba';

/** What extensions see in place of a response type. */
export const TYPE = 'auth_req_id';

/** CIBA §7.1: every request has this scope. */
export const OPENID = 'openid';

/** How clients may get their tokens here. @see CIBA §5 */
export const DELIVERY_MODES = ['poll', 'ping'] as const;

/** Members of a registration. @see CIBA §4 */
export const MODE = 'backchannel_token_delivery_mode';
export const NOTIFICATION_ENDPOINT = 'backchannel_client_notification_endpoint';
export const SIGNING_ALG = 'backchannel_authentication_request_signing_alg';
