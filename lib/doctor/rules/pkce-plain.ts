import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const pkcePlain: DoctorRule = {
  name: 'pkcePlain',
  severity: 'warning',
  finds: 'a server that accepts code_challenge_method=plain',
  looksAt: ['answers'],
  why: 'Anybody who can read the authorization request knows the verifier, and can redeem a stolen code',
  section: 'RFC 9700 §2.1.1',
  remedy: 'Accept S256 only: pkce() without allowPlain',
  examine({ metadata }) {
    if (!metadata) return undefined;
    const methods = wordsIn(metadata, 'code_challenge_methods_supported');
    return methods.includes('plain') ? [`code_challenge_methods_supported has ${methods.join(', ')}`] : [];
  },
};
