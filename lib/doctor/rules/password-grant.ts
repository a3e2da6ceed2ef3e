import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const passwordGrant: DoctorRule = {
  name: 'passwordGrant',
  severity: 'warning',
  finds: 'the password grant',
  looksAt: ['server', 'answers'],
  why: 'Clients see passwords, users get used to typing them anywhere, and the server cannot ask for a second factor',
  section: 'RFC 9700 §2.4',
  remedy: 'grant.code, or deviceAuthorization() for programs without a browser; leave exchange.password out',
  examine({ core, metadata }) {
    if (!core && !metadata) return undefined;
    const types = core ? core.exchangers.flatMap(({ type }) => type ?? []) : wordsIn(metadata, 'grant_types_supported');
    return types.includes('password') ? ['The grant type password is answered'] : [];
  },
};
