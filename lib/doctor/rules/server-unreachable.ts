import type { DoctorRule } from '../rule.js';

/** The reason that Node gives for a failed connection. If several addresses failed, the message is empty, and only `code` has the reason. */
function said(error: Error): string {
  return error.message || String(Reflect.get(error, 'code'));
}

export const serverUnreachable: DoctorRule = {
  name: 'serverUnreachable',
  severity: 'error',
  finds: 'a server that cannot be reached, with the cause: its host name, port or certificate',
  looksAt: ['answers'],
  why: 'The doctor cannot examine a server that does not answer',
  remedy:
    'Start the server, and give its URL as clients know it. If your own CA has signed its certificate: NODE_EXTRA_CA_CERTS=ca.pem koauthorize doctor --url …',
  examine({ issuer, unreachable, announced }) {
    if (!announced) return undefined;
    return unreachable ? [`${issuer} does not answer: ${said(unreachable)}`] : [];
  },
};
