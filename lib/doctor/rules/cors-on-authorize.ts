import type { DoctorRule } from '../rule.js';

export const corsOnAuthorize: DoctorRule = {
  name: 'corsOnAuthorize',
  severity: 'error',
  finds: 'an authorization endpoint that scripts of other origins may read',
  looksAt: ['answers'],
  why: 'No script needs to read this endpoint, to which browsers are redirected. A script of another origin that can read it may take codes from its redirects, in the session of the user',
  section: 'RFC 9700 §2.6',
  remedy:
    'Leave cors() out before /authorize; createServer({ allowOrigins }) adds CORS only to the endpoints that programs call',
  examine({ answers }) {
    if (!answers) return undefined;
    const asked = [answers.authorization, answers.preflight].flatMap((answer) => {
      const allowed = answer?.headers['access-control-allow-origin'];
      return answer && allowed !== undefined ? [`${answer.url} answers Access-Control-Allow-Origin: ${allowed}`] : [];
    });
    return [...new Set(asked)];
  },
};
