/** Every public name of the API side. */

export type { AccessToken, ChallengeParams, Proof } from '../access-token.js';
export { type BearerOptions, type BearerState, bearer, type Verify } from '../bearer.js';
export {
  type CertificateSource,
  type PresentedCertificate,
  socketCertificate,
} from '../certificate/certificate.js';
export { type HeaderCertificateOptions, headerCertificate } from '../certificate/header.js';
export { type TLSOptions, tlsOptions } from '../certificate/tls.js';
export { detailsOf, type HasDetails, type IsDetail } from '../extension/authorization-details/api.js';
export type { AuthorizationDetail, AuthorizationDetails } from '../extension/authorization-details/detail.js';
export { type CertificateProofOptions, certificateProof } from '../extension/certificate-bound-tokens/api.js';
export { type DPoPProofOptions, dpopProof } from '../extension/dpop/api.js';
export { type DPoPNonceOptions, type DPoPNonces, dpopNonces } from '../extension/dpop/nonce.js';
export {
  type AuthenticateRequest,
  type IntrospectionCredentials,
  type IntrospectionVerifierOptions,
  introspectionVerifier,
} from '../extension/introspection/api.js';
export type { CacheOptions } from '../extension/introspection/remembered.js';
export type { IntrospectionJWTOptions } from '../extension/introspection/verified.js';
export {
  type ProtectedResource,
  type ProtectedResourceMetadata,
  type ProtectedResourceServing,
  protectedResource,
} from '../extension/protected-resource/api.js';
export { type AuthenticationRequirement, requireAuthentication } from '../extension/step-up/api.js';
export type { Fetch } from '../http/fetch-text.js';
export { KeysUnavailableError } from '../keys/remote-keys.js';
export { type Refusal, refusalOf } from '../refusal/refusal.js';
export { traceIDOf } from '../refusal/trace-id.js';
export type { RefusalRule } from '../refusal-rule.js';
export { type Admission, admissionOf } from './admission.js';
export type { ClaimOptions } from './claims.js';
export type { FetchOptions } from './fetch-json.js';
export type { SignedByOptions } from './issuer-keys.js';
export { type JWTVerifierOptions, jwtVerifier } from './jwt.js';
export { requireScope } from './scope.js';
export type { PresentationOptions } from './token-in-request.js';
export { VerifierUnavailableError } from './unavailable.js';
