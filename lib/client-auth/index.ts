/** Every public name of client authentication. */
export type { AuthenticatedClient } from './authenticate.js';
export { type ClientAuthentication, type ClientState, clientAuthentication } from './client-authentication.js';
export { clientSecretBasic } from './client-secret-basic.js';
export { clientSecretPost } from './client-secret-post.js';
export { ClientStrategy } from './client-strategy.js';
export type { ClientAttempt, ClientAuthMethod, ClientRequest } from './method.js';
export { none } from './none.js';
export type { ClientAuthenticationOptions } from './options.js';
export {
  type ClientSecretOptions,
  type CompareSecret,
  generateClientSecret,
  hashClientSecret,
  matchesClientSecret,
} from './secret.js';
export type { AuthenticationAttempt, AuthenticationOutcome, Throttle } from './throttle.js';
