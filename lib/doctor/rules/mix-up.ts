import type { DoctorRule } from '../rule.js';

export const mixUp: DoctorRule = {
  name: 'mixUp',
  severity: 'warning',
  finds: 'authorization responses without iss',
  looksAt: ['server', 'answers'],
  why: 'A client of several servers cannot tell which of them sent a code, and may send it to the server of an attacker',
  section: 'RFC 9700 §4.4.2',
  remedy: 'createServer({ issuer })',
  examine({ core, metadata }) {
    if (core) return core.grants.size > 0 && core.issuer === undefined ? ['createServer() has no issuer'] : [];
    if (!metadata) return undefined;
    const hasDialog = metadata['authorization_endpoint'] !== undefined;
    return hasDialog && metadata['authorization_response_iss_parameter_supported'] !== true
      ? ['authorization_response_iss_parameter_supported is not true']
      : [];
  },
};
