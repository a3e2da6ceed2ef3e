import { cookiesIn } from '../cookies.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

const WRONG: Readonly<Record<string, string>> = {
  none: 'every site can have the browser send it',
  strict: 'a user who comes from a client is not logged in',
  absent: 'browsers differ in what that means',
};

/** The option `sameSite` of koa-session, where `true` means strict. */
function ofOptions({ session }: Evidence): string[] {
  if (!session) return [];
  const { sameSite } = session;
  const said = sameSite === true ? 'strict' : String(sameSite || 'absent').toLowerCase();
  return WRONG[said] ? [`The session cookie has SameSite ${said}: ${WRONG[said]}`] : [];
}

function ofAnswers({ answers }: Evidence): string[] {
  return cookiesIn(answers).flatMap(({ name, flags }) => {
    const said = [...flags].find((flag) => flag.startsWith('samesite='))?.slice('samesite='.length) ?? 'absent';
    return WRONG[said] ? [`The cookie ${name} has SameSite ${said}: ${WRONG[said]}`] : [];
  });
}

export const sameSite: DoctorRule = {
  name: 'sameSite',
  severity: 'warning',
  finds: 'session cookies whose SameSite is none, strict or absent',
  looksAt: ['sessionOptions', 'answers'],
  why: 'With none, another site can act in the session of the user; with strict, a user who comes from a client is not logged in',
  section: 'RFC 6749 §10.12',
  remedy: "session({ sameSite: 'lax' })",
  examine(evidence) {
    if (!evidence.session && !evidence.answers) return undefined;
    const said = ofOptions(evidence);
    return evidence.session ? said : ofAnswers(evidence);
  },
};
