import type { DoctorRule } from '../rule.js';

/** Whether the status shows a limit: too large, or a refusal by a proxy in front of the server. */
const isLimited = (status: number): boolean => status === 413 || status === 431 || status === 429 || status === 403;

export const bodyLimit: DoctorRule = {
  name: 'bodyLimit',
  severity: 'warning',
  finds: 'a token endpoint that reads bodies of more than a mebibyte to their end',
  looksAt: ['answers'],
  why: 'Strangers can fill the memory of the process. No token request needs more than some kilobytes',
  section: 'RFC 9110 §15.5.14',
  remedy: 'bodyParser({ formLimit: "64kb" }), or no body parser before server.token(), which reads 64 KiB',
  examine({ answers }) {
    if (!answers?.token || answers.token.status === 404) return answers ? [] : undefined;
    const { large } = answers;
    if (!large || isLimited(large.status)) return [];
    return [`${large.url} answers a form of 1 MiB with ${large.status}, not with 413`];
  },
};
