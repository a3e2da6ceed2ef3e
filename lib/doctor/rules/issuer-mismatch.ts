import type { DoctorRule } from '../rule.js';

export const issuerMismatch: DoctorRule = {
  name: 'issuerMismatch',
  severity: 'error',
  finds: 'metadata with another issuer than the one at whose URL they are found',
  looksAt: ['answers'],
  why: 'Clients compare both issuers as exact texts, and refuse the server if they differ. A client that does not compare them may use the metadata of an attacker',
  section: 'RFC 8414 §3.3',
  remedy:
    'Set the issuer once, in createServer({ issuer }), exactly as clients know it, with or without a slash at the end',
  examine({ metadata, issuer }) {
    if (!metadata || issuer === undefined) return undefined;
    return metadata['issuer'] === issuer
      ? []
      : [`The metadata of ${issuer} name the issuer ${JSON.stringify(metadata['issuer'])}`];
  },
};
