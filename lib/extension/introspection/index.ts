/** RFC 7662: OAuth 2.0 Token Introspection. Every public name of both sides. */
export {
  type AuthenticateRequest,
  type IntrospectionCredentials,
  type IntrospectionVerifierOptions,
  introspectionVerifier,
} from './api.js';
export type { CacheOptions } from './remembered.js';
export { type Introspect, type IntrospectionOptions, type IntrospectionResponse, introspection } from './server.js';
export type { IntrospectionJWTOptions } from './verified.js';
