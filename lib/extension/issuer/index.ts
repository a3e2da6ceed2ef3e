/** RFC 9207: OAuth 2.0 Authorization Server Issuer Identification. Every public name. */
export { type IssuerOptions, issuer } from './server.js';
