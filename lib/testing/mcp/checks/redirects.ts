/** Checks of where the authorization endpoint sends the browser. */
import { type Check, mcp, NotTried, server } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { isSent } from './refusals.js';

const OPEN_REDIRECTION = mcp('Open Redirection');
const PLACE = 'https://attacker.example/callback';

/** A check with a redirect URI that is made from the registered one. */
const variant =
  (change: (url: URL) => string): Check['run'] =>
  async (exam: Exam) => {
    const { redirect_uri } = await exam.registration.client();
    const changed = change(new URL(redirect_uri));
    if (changed === redirect_uri) throw new NotTried('the redirect URI has no such variant');
    return isSent(exam, { redirect_uri: changed });
  };

export const redirects: readonly Check[] = [
  server.must(
    'redirect-uri-unknown',
    OPEN_REDIRECTION,
    'The browser is not sent to a redirect URI that the client has not registered',
    (exam) => isSent(exam, { redirect_uri: PLACE }),
    ['redirection.2', 'redirection.3'],
  ),
  server.must(
    'redirect-uri-unknown-error',
    'RFC 6749 §4.1.2.1',
    'The browser is not sent to such a redirect URI with an error either, if something else is wrong as well',
    (exam) => isSent(exam, { redirect_uri: PLACE, response_type: 'made_up' }),
    ['redirection.2', 'redirection.3'],
  ),
  server.must(
    'client-unknown',
    'RFC 6749 §4.1.2.1',
    'For an unknown client, the browser is not redirected',
    (exam) => isSent(exam, { redirect_uri: PLACE, client_id: 'nobody-by-this-name' }),
    ['redirection.3'],
  ),
  server.must(
    'redirect-uri-path',
    OPEN_REDIRECTION,
    'A redirect URI with a longer path than the registered one is refused',
    variant((url) => `${url.href}/more`),
    ['redirection.2'],
  ),
  server.must(
    'redirect-uri-query',
    OPEN_REDIRECTION,
    'A redirect URI with a longer query than the registered one is refused',
    variant((url) => `${url.href}${url.search ? '&' : '?'}more=1`),
    ['redirection.2'],
  ),
  server.must(
    'redirect-uri-host',
    OPEN_REDIRECTION,
    'A redirect URI whose host begins with the registered one is refused',
    variant((url) => url.href.replace(url.host, `${url.hostname}.attacker.example`)),
    ['redirection.2'],
  ),
  server.must(
    'redirect-uri-user',
    OPEN_REDIRECTION,
    'A redirect URI that has the registered host as its user is refused',
    variant((url) => url.href.replace(url.host, `${url.hostname}@attacker.example`)),
    ['redirection.2'],
  ),
  server.must(
    'redirect-uri-spelling',
    OPEN_REDIRECTION,
    'A redirect URI that equals the registered one only after parsing is refused',
    variant((url) => url.href.replace(url.pathname, `/x/..${url.pathname}`)),
    ['redirection.2'],
  ),
];
