import { clientSecretOf } from '../../clients/registration.js';
import type { DoctorRule } from '../rule.js';

/** 128 bits in base64url. */
const SHORTEST = 22;

export const secretShort: DoctorRule = {
  name: 'secretShort',
  severity: 'error',
  finds: 'secrets of clients that can be guessed: shorter than 22 characters',
  looksAt: ['clients'],
  why: 'An attacker who tries secrets finds it, at the token endpoint or, with a copy of the hash, without asking anybody',
  section: 'RFC 6749 §10.10',
  remedy: 'generateClientSecret() makes one of 256 bits',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, registration }) => {
      const { length } = clientSecretOf(registration) ?? 'x'.repeat(SHORTEST);
      return length < SHORTEST ? [`The client_secret of ${id} has ${length} characters`] : [];
    }),
};
