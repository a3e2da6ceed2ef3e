import { type Chain, chainsOf } from '../chains.js';
import type { DoctorRule } from '../rule.js';

/** Whether one of the functions may load a session: its name has `session`, or it has no name and is not in the route itself, where the login is. */
function mayHaveSession({ before, inRoute }: Chain): boolean {
  const shared = before.slice(0, before.length - inRoute.length);
  return before.some((name) => /session/i.test(name)) || shared.includes('');
}

const BROWSERS: ReadonlySet<string> = new Set(['authorization', 'decision', 'resume']);

export const sessionPlace: DoctorRule = {
  name: 'sessionPlace',
  severity: 'error',
  finds:
    'a session middleware that comes after the error handler or the routes, or that is missing although sessionOptions is given',
  looksAt: ['app', 'sessionOptions'],
  why: 'An error has to end the dialog that waits in the session. If the session is not loaded by then, the dialog stays, and can be answered again. Without a session no dialog can be stored',
  remedy: 'app.use(session(options, app)).use(server.errorHandler()).use(router.routes())',
  examine({ app, session: options }) {
    if (!app) return undefined;
    const found = chainsOf(app).flatMap((chain) => {
      const { before, endpoint, after } = chain;
      const [session, handler] = [before.indexOf('session'), before.indexOf('errorHandler')];
      if (session >= 0 && handler >= 0 && handler < session)
        return [`The session is mounted after server.errorHandler(), on the way to ${endpoint}`];
      if (session >= 0 || !BROWSERS.has(endpoint)) return [];
      if (after.includes('session')) return [`The session is mounted after the route of ${endpoint}`];
      const isNowhere = options !== undefined && !mayHaveSession(chain);
      return isNowhere ? [`No session stands before ${endpoint}`] : [];
    });
    return [...new Set(found)];
  },
};
