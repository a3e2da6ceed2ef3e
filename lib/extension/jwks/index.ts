/** RFC 7517 §5: the public keys of the server. Every public name. */
export { type JWKSOptions, jwks, type PublishedKeys } from './server.js';
