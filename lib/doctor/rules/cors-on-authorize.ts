import type { DoctorRule } from '../rule.js';

export const corsOnAuthorize: DoctorRule = {
  name: 'corsOnAuthorize',
  severity: 'error',
  finds: 'an authorization endpoint that scripts of other origins may read',
  looksAt: ['answers'],
  why: 'Browsers are sent there, and no script has to read it: one that can may take codes out of redirects in the user’s session',
  section: 'RFC 9700 §2.6',
  remedy:
    'Leave cors() out before /authorize; createServer({ allowOrigins }) opens what programs call, and nothing else',
  examine({ answers }) {
    if (!answers) return undefined;
    const asked = [answers.authorization, answers.preflight].flatMap((answer) => {
      const allowed = answer?.headers['access-control-allow-origin'];
      return answer && allowed !== undefined ? [`${answer.url} answers Access-Control-Allow-Origin: ${allowed}`] : [];
    });
    return [...new Set(asked)];
  },
};
