import type { DoctorRule } from '../rule.js';

export const audienceTooWide: DoctorRule = {
  name: 'audienceTooWide',
  severity: 'warning',
  finds: 'access tokens that are JWTs for several APIs, for a pattern, or for the authorization server itself',
  looksAt: ['server'],
  why: 'An API that gets such a token can use it at the others; a JWT cannot be taken back before it expires',
  section: 'RFC 9700 §2.3',
  remedy: 'resourceIndicators({ resources }), where each API has its own accessTokens: jwt({ audience })',
  examine({ core, issuer }) {
    const facts = core?.tokens?.facts?.();
    if (!facts) return undefined;
    const { audience = [], isSigned } = facts;
    const isWide = audience.length > 1 || audience.some((one) => one.includes('*') || one === issuer);
    return isSigned && isWide ? [`Every access token is for ${audience.join(', ')}`] : [];
  },
};
