/** Signature algorithms with a private and a public key. Never HMAC, whose key the verifier has too, and never `none`. @see RFC 8725 §2.1, §3.1 */
export const ASYMMETRIC = [
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
  ...(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const),
] as const;

export type AsymmetricAlgorithm = (typeof ASYMMETRIC)[number];

/** Whether a text names one of them. */
export function isAsymmetric(alg: unknown): alg is AsymmetricAlgorithm {
  return (ASYMMETRIC as readonly unknown[]).includes(alg);
}
