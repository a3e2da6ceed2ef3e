/** RFC 6749 §3.3: the scopes of the server. Every public name. */
export { type ScopesOptions, scopes } from './server.js';
