import { keysIn, kidOf } from '../answers.js';
import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

/** RFC 7518 §3.3: 2048 bits or larger; base64url of 256 bytes. */
const SHORTEST_MODULUS = 342;

const LISTS = [
  'id_token_signing_alg_values_supported',
  'request_object_signing_alg_values_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
];

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
    const short = (keysIn(answers.jwks) ?? [])
      .filter(({ kty, n }) => kty === 'RSA' && typeof n === 'string' && n.length < SHORTEST_MODULUS)
      .map((key) => `The RSA key ${kidOf(key)} has ${Math.floor((String(key['n']).length * 6) / 8) * 8} bits`);
    const none = LISTS.filter((name) => wordsIn(metadata, name).includes('none')).map(
      (name) => `${name} contains "none"`,
    );
    return [...short, ...none];
  },
};
