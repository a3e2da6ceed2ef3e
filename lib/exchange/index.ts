/** One exchange per `grant_type`. @see RFC 6749 §4 */
export { authorizationCode, authorizationCode as code } from './authorization-code.js';
export { clientCredentials } from './client-credentials.js';
export { password } from './password.js';
export { refreshToken } from './refresh-token.js';
