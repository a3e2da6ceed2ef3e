/** RFC 7009: OAuth 2.0 Token Revocation. Every public name. */
export { type RevocationOptions, type Revoke, revocation } from './server.js';
