/** RFC 9396, both sides: `koauthorize/authorization-details`. */
export { detailsOf, type HasDetails, type IsDetail } from './api.js';
export type { AuthorizationDetail, AuthorizationDetails } from './detail.js';
export type { AuthorizationDetailsOptions, DetailType } from './options.js';
export { authorizationDetails } from './server.js';
