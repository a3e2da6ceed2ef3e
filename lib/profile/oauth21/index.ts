/** OAuth 2.1: `koauthorize/profile/oauth21`. */
export { type OAuth21Options, oauth21 } from './server.js';
