import { urlIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const keysUnpublished: DoctorRule = {
  name: 'keysUnpublished',
  severity: 'warning',
  finds: 'access tokens that are JWTs, and no key set by which APIs can verify them',
  looksAt: ['server', 'answers'],
  why: 'An API that finds the keys by the issuer finds none, and refuses every token',
  section: 'RFC 9068 §4',
  remedy: 'server.extend(jwks()), and metadata(), which announces it',
  examine({ core, metadata }) {
    const facts = core?.tokens?.facts?.();
    if (!core || !facts) return undefined;
    const isPublished = metadata ? urlIn(metadata, 'jwks_uri') !== undefined : core.routes.has('jwks');
    return facts.isSigned && !isPublished ? ['Access tokens are JWTs, and there is no jwks_uri'] : [];
  },
};
