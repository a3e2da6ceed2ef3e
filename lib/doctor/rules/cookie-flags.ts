import { cookiesIn } from '../cookies.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

function ofOptions({ session, issuer }: Evidence): string[] {
  const isHTTPS = issuer?.startsWith('https:') ?? false;
  return [
    ...(session?.httpOnly === false ? ['The session cookie has httpOnly: false'] : []),
    ...(isHTTPS && session?.secure === false
      ? [`The session cookie has secure: false, and the issuer is ${issuer}`]
      : []),
  ];
}

/** `Secure` is judged over the network only: the examined application itself is asked over http, so it may leave `Secure` out. */
function ofAnswers({ answers, app, issuer }: Evidence): string[] {
  return cookiesIn(answers).flatMap(({ name, flags }) => [
    ...(flags.has('httponly') ? [] : [`The cookie ${name} is not HttpOnly`]),
    ...(flags.has('secure') || app || !issuer?.startsWith('https:') ? [] : [`The cookie ${name} is not Secure`]),
  ]);
}

export const cookieFlags: DoctorRule = {
  name: 'cookieFlags',
  severity: 'error',
  finds: 'session cookies that scripts can read, or that are sent over http',
  looksAt: ['sessionOptions', 'answers'],
  why: 'An injected script, or anybody who reads the network, gets the session of the user',
  section: 'RFC 6265 §4.1.2.6, §8.3',
  remedy:
    'session({ httpOnly: true, secure: true }): both are the default of koa-session behind a proxy that app.proxy trusts',
  examine(evidence) {
    if (!evidence.session && !evidence.answers) return undefined;
    return [...new Set([...ofOptions(evidence), ...ofAnswers(evidence)])];
  },
};
