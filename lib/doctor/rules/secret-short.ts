import { clientSecretOf } from '../../clients/registration.js';
import type { DoctorRule } from '../rule.js';

/** 128 bits in base64url. */
const SHORTEST = 22;

export const secretShort: DoctorRule = {
  name: 'secretShort',
  severity: 'error',
  finds: 'client secrets that can be guessed: shorter than 22 characters',
  looksAt: ['clients'],
  why: 'An attacker can find the secret by brute force, at the token endpoint, or offline with a copy of the hash',
  section: 'RFC 6749 §10.10',
  remedy: 'Use generateClientSecret(), which makes a secret of 256 bits',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, registration }) => {
      const { length } = clientSecretOf(registration) ?? 'x'.repeat(SHORTEST);
      return length < SHORTEST ? [`The client_secret of ${id} has ${length} characters`] : [];
    }),
};
