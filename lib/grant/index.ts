/** One grant per `response_type`. @see RFC 6749 §4 */
export { code, code as authorizationCode } from './code.js';
export { token, token as implicit } from './token.js';
