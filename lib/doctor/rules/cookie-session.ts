import type { DoctorRule } from '../rule.js';

export const cookieSession: DoctorRule = {
  name: 'cookieSession',
  severity: 'warning',
  finds: 'in production, sessions that are stored in the cookie',
  looksAt: ['sessionOptions'],
  why: 'An old cookie can be sent again, even after a logout; the server cannot end such a session; and its waiting dialogs must fit into 4 KiB',
  section: 'RFC 6265 §8.3, §8.4',
  remedy: 'session({ store }) with a store on the server, such as Redis, for koa-session',
  examine({ session, isProduction }) {
    if (!session) return undefined;
    const isInCookie = session.store === undefined && session.ContextStore === undefined;
    return isProduction && isInCookie ? ['The session middleware has no store'] : [];
  },
};
