/** Every public name of the API side. */
export type { Fetch } from '../http/fetch-text.js';
export {
  type CertificateSource,
  type PresentedCertificate,
  socketCertificate,
} from '../proof/certificate.js';
export { type HeaderCertificateOptions, headerCertificate } from '../proof/certificate-header.js';
export { KeysUnavailableError } from '../proof/remote-keys.js';
export type { AccessToken, BearerState, Verify } from './access-token.js';
export { requireAudience } from './audience.js';
export { type AuthenticationRequirement, requireAuthentication } from './authentication.js';
export { type BearerOptions, bearer } from './bearer.js';
export type { FetchOptions } from './fetch-json.js';
export {
  type AuthenticateRequest,
  type IntrospectionCredentials,
  type IntrospectionVerifierOptions,
  introspectionVerifier,
} from './introspection.js';
export { type JWTVerifierOptions, jwtVerifier } from './jwt.js';
export type { PresentationOptions } from './presented.js';
export { type ProtectedResource, type ProtectedResourceMetadata, protectedResource } from './protected-resource.js';
export type { CacheOptions } from './remembered.js';
export { requireScope } from './scope.js';
export { VerifierUnavailableError } from './unavailable.js';
