/** RFC 9126: OAuth 2.0 Pushed Authorization Requests. Every public name. */
export type { PushedRequestsOptions } from './options.js';
export { pushedRequests } from './server.js';
