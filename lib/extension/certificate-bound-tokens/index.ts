/** RFC 8705 §3: access tokens that are bound to the client's certificate. Every public name of both sides. */
export { type CertificateProofOptions, certificateProof } from './api.js';
export { type CertificateBoundOptions, certificateBoundTokens } from './server.js';
