/** What `server.check()` reports about `openid()`. */
import type { Core } from '../../core.js';
import { type Finding, relaxationsOf } from '../../findings.js';
import { type OpenIDOptions, RELAXATIONS } from './options.js';

/** @param name of the extension */
export function findingsOf<C, U>(
  name: string,
  { knowsLogins }: Pick<Core<C, U>, 'knowsLogins'>,
  options: OpenIDOptions<C, U>,
): readonly Finding[] {
  const relaxations = relaxationsOf(name, options, RELAXATIONS);
  if (knowsLogins) return relaxations;
  const unknown: Finding = {
    rule: 'openid-logins-unknown',
    severity: 'warning',
    found: 'openid() without createServer({ authenticationEvent })',
    why: 'The server does not know when and how users log in: requests with max_age, and clients with require_auth_time, fail after the login, and a request that requires an acr shows the login page again after each login',
    section: 'OpenID Connect Core §15.1', // max_age and auth_time are mandatory
    remedy:
      'Say createServer({ authenticationEvent }), with authenticatedAt, and with acr if there are several ways to log in',
  };
  return [unknown, ...relaxations];
}
