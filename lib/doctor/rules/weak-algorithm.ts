import { keysIn, kidOf } from '../answers.js';
import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

/** Bits. RFC 7518 §3.3: 2048 or larger. */
const SHORTEST_MODULUS = 2048;

const LISTS = [
  'id_token_signing_alg_values_supported',
  'request_object_signing_alg_values_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
];

/** The bits of a number in base64url. RFC 7518 §6.3.1.1: it has no zeros in front, which would make a short one look long. */
function bitsOf(number: string): number {
  const bytes = Buffer.from(number, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 + 24 - Math.clz32(bytes[first] ?? 0);
}

export const weakAlgorithm: DoctorRule = {
  name: 'weakAlgorithm',
  severity: 'error',
  finds: 'RSA keys of less than 2,048 bits, and the algorithm none',
  looksAt: ['answers'],
  why: 'An attacker who can factor the key, or who need not sign at all, makes tokens that are accepted',
  section: 'RFC 7518 §3.3, RFC 8725 §3.2',
  remedy: "generateSigningKey('ES256'), and algorithms without none",
  examine({ answers, metadata }) {
    if (!answers) return undefined;
    const short = (keysIn(answers.jwks) ?? []).flatMap((key) => {
      const { kty, n } = key;
      const bits = kty === 'RSA' && typeof n === 'string' ? bitsOf(n) : SHORTEST_MODULUS;
      return bits < SHORTEST_MODULUS ? [`The RSA key ${kidOf(key)} has ${bits} bits`] : [];
    });
    const none = LISTS.filter((name) => wordsIn(metadata, name).includes('none')).map(
      (name) => `${name} contains "none"`,
    );
    return [...short, ...none];
  },
};
