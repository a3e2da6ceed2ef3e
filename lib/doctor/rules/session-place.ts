import { chainsOf } from '../chains.js';
import type { DoctorRule } from '../rule.js';

export const sessionPlace: DoctorRule = {
  name: 'sessionPlace',
  severity: 'error',
  finds: 'a session that begins after the error handler, or after the routes',
  looksAt: ['app'],
  why: 'An error must remove the dialog from the session. If the session is not loaded at that point, the dialog stays, and can be answered again',
  remedy: 'app.use(session(options, app)).use(server.errorHandler()).use(router.routes())',
  examine({ app }) {
    if (!app) return undefined;
    const found = chainsOf(app).flatMap(({ before, endpoint, after }) => {
      const [session, handler] = [before.indexOf('session'), before.indexOf('errorHandler')];
      if (session >= 0 && handler >= 0 && handler < session)
        return [`The session is mounted after server.errorHandler(), on the way to ${endpoint}`];
      const isLate =
        session < 0 && after.includes('session') && endpoint !== 'token' && endpoint !== 'clientAuthentication';
      return isLate ? [`The session is mounted after the route of ${endpoint}`] : [];
    });
    return [...new Set(found)];
  },
};
