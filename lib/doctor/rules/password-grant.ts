import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const passwordGrant: DoctorRule = {
  name: 'passwordGrant',
  severity: 'warning',
  finds: 'the grant by the user’s password',
  looksAt: ['server', 'answers'],
  why: 'Clients see passwords, users learn to type them anywhere, and no second factor can be asked for',
  section: 'RFC 9700 §2.4',
  remedy: 'grant.code, or deviceAuthorization() for programs without a browser; leave exchange.password out',
  examine({ core, metadata }) {
    if (!core && !metadata) return undefined;
    const types = core ? core.exchangers.flatMap(({ type }) => type ?? []) : wordsIn(metadata, 'grant_types_supported');
    return types.includes('password') ? ['The grant type password is answered'] : [];
  },
};
