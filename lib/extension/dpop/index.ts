/** RFC 9449, both sides: `koauthorize/dpop`. */
export { type DPoPProofOptions, dpopProof } from './api.js';
export { type DPoPNonceOptions, type DPoPNonces, dpopNonces } from './nonce.js';
export type { DPoPOptions } from './options.js';
export { dpop } from './server.js';
