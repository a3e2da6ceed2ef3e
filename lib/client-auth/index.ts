/** Every public name of client authentication. */

export { type CertificateSource, type PresentedCertificate, socketCertificate } from '../certificate/certificate.js';
export { type HeaderCertificateOptions, headerCertificate } from '../certificate/header.js';
export { type TLSOptions, tlsOptions } from '../certificate/tls.js';
export type { Fetch } from '../http/fetch-text.js';
export type { ClientKeysOptions } from '../keys/client-keys.js';
export type { AssertionOptions, UseOnce } from './assertion.js';
export type { AuthenticatedClient } from './authenticate.js';
export { type ClientAuthentication, type ClientState, clientAuthentication } from './client-authentication.js';
export { clientSecretBasic } from './client-secret-basic.js';
export { type ClientSecretAlgorithm, type ClientSecretJwtOptions, clientSecretJwt } from './client-secret-jwt.js';
export { clientSecretPost } from './client-secret-post.js';
export { ClientStrategy } from './client-strategy.js';
export type { ClientAttempt, ClientAuthMethod, ClientRequest, MethodFacts } from './method.js';
export { none } from './none.js';
export type { ClientAuthenticationOptions, ConnectingServer, Identifying } from './options.js';
export { type PrivateKeyAlgorithm, type PrivateKeyJwtOptions, privateKeyJwt } from './private-key-jwt.js';
export {
  type ClientSecretOptions,
  type CompareSecret,
  generateClientSecret,
  hashClientSecret,
  matchesClientSecret,
} from './secret.js';
export { type SelfSignedTLSClientAuthOptions, selfSignedTlsClientAuth } from './self-signed-tls-client-auth.js';
export type { AuthenticationAttempt, AuthenticationOutcome, Throttle } from './throttle.js';
export { type TLSClientAuthMetadata, type TLSClientAuthOptions, tlsClientAuth } from './tls-client-auth.js';
