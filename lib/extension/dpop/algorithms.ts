/** The algorithms that DPoP proofs may be signed with: RFC 9449 §4.3 item 5, never `none` and never one with a shared secret. */

/** Those of FAPI 2.0 §5.4.1, with both names of Ed25519: RFC 8037 and RFC 9864. */
const USUAL: readonly string[] = ['ES256', 'PS256', 'EdDSA', 'Ed25519'];

/** All that `jose` can verify on Node 20. */
const POSSIBLE: readonly string[] = [...USUAL, 'ES384', 'ES512', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];

/** @throws TypeError for an algorithm that is not asymmetric, or not known here */
export function proofAlgorithms(algorithms: readonly string[] = USUAL): readonly string[] {
  if (algorithms.length > 0 && algorithms.every((alg) => POSSIBLE.includes(alg))) return algorithms;
  throw new TypeError(`The algorithms of DPoP proofs are of ${POSSIBLE.join(', ')}, not ${algorithms.join(', ')}`);
}
