import type { DoctorRule } from '../rule.js';

export const issuerMismatch: DoctorRule = {
  name: 'issuerMismatch',
  severity: 'error',
  finds: 'metadata that name another issuer than the one they are found by',
  looksAt: ['answers'],
  why: 'Clients compare the two letter by letter, and refuse the server; a client that does not compare them can be given the metadata of an attacker',
  section: 'RFC 8414 §3.3',
  remedy: 'Say the issuer once, in createServer({ issuer }), as clients have it, slash at the end included',
  examine({ metadata, issuer }) {
    if (!metadata || issuer === undefined) return undefined;
    return metadata['issuer'] === issuer
      ? []
      : [`The metadata of ${issuer} name the issuer ${JSON.stringify(metadata['issuer'])}`];
  },
};
