/** OAuth 2.0 Refresh Token and Authorization Expiration. Every public name. */
export { refreshTokenExpiration } from './server.js';
