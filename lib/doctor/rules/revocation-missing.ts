import { urlIn, wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const revocationMissing: DoctorRule = {
  name: 'revocationMissing',
  severity: 'warning',
  finds: 'refresh tokens that clients cannot revoke',
  looksAt: ['server', 'answers'],
  why: 'A client that is uninstalled, or whose user signs out, leaves a refresh token that works for months',
  section: 'RFC 7009 §1',
  remedy: "router.post('/revoke', authenticateClient, server.endpoint(revocation(tokens.revoke)))",
  examine({ core, metadata }) {
    if (core)
      return core.exchanges.has('refresh_token') && !core.routes.has('revocation')
        ? ['There is a refresh token grant, and no revocation endpoint']
        : [];
    if (!metadata) return undefined;
    const isMissing =
      wordsIn(metadata, 'grant_types_supported').includes('refresh_token') &&
      urlIn(metadata, 'revocation_endpoint') === undefined;
    return isMissing ? ['The metadata announce refresh_token, and no revocation_endpoint'] : [];
  },
};
