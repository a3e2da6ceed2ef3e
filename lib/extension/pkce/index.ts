/** RFC 7636: Proof Key for Code Exchange. Every public name. */
export { type CodeChallengeMethod, type PKCEOptions, pkce } from './server.js';
