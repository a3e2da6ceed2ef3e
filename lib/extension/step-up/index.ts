/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol. Every public name of both sides. */
export { type AuthenticationRequirement, requireAuthentication } from './api.js';
export { type StepUp, type StepUpOptions, stepUp } from './server.js';
