import { objectIn } from '../ask.js';
import { chainsOf } from '../chains.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

function ofChains({ app }: Evidence): string[] {
  return (app ? chainsOf(app) : [])
    .filter(({ before, after }) => !before.includes('errorHandler') && after.includes('errorHandler'))
    .map(({ endpoint }) => `server.errorHandler() is mounted after the route of ${endpoint}`);
}

/** RFC 6749 §5.2: whatever is wrong with a token request is a JSON object with `error`. */
function ofAnswers({ answers }: Evidence): string[] {
  const { token } = answers ?? {};
  if (!token || token.status === 404 || typeof objectIn(token)?.['error'] === 'string') return [];
  const type = token.headers['content-type'] ?? 'nothing';
  return [`${token.url} answers an error with ${token.status} and ${type}, not with a JSON object that has "error"`];
}

export const errorHandlerPlace: DoctorRule = {
  name: 'errorHandlerPlace',
  severity: 'error',
  finds: 'an error handler that is mounted after the routes, or errors of the token endpoint that no client can read',
  looksAt: ['app', 'answers'],
  why: 'Koa answers instead of the error handler: clients get text and expect JSON, and users do not learn what is wrong',
  section: 'RFC 6749 §5.2',
  remedy: 'app.use(server.errorHandler()) before the routes',
  examine(evidence) {
    if (!evidence.app && !evidence.answers) return undefined;
    return [...new Set([...ofChains(evidence), ...ofAnswers(evidence)])];
  },
};
