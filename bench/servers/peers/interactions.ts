/** A user's way through oidc-provider's interactions. */
import type { Answer, Connection } from '../../workloads/connection.js';
import { type Asked, type Dialog, queryOf } from '../../workloads/dialog.js';
import { readJSON, requireStatus, WrongAnswer } from '../../workloads/verify.js';
import { REDIRECT_URI, SCOPE, secretOf } from '../clients.js';

/** Where the browser is sent: another page of the server, by its path, or the client. */
function locationOf(answer: Answer): string {
  requireStatus(answer, 303);
  const { location = '' } = answer.headers;
  if (location.startsWith(REDIRECT_URI)) return location;
  const { pathname } = new URL(location, 'https://as.example');
  if (pathname.startsWith('/authorize/') || pathname.startsWith('/interaction/')) return pathname;
  throw new WrongAnswer('Sent elsewhere', answer);
}

/** The page of an interaction, its form, and on from there. */
async function interact(http: Connection, page: string, prompt: string, form: string): Promise<string> {
  const drawn = await http.visit(page);
  if (readJSON(drawn)['prompt'] !== prompt) throw new WrongAnswer(`Not the ${prompt}`, drawn);
  const resume = locationOf(await http.submit(`${page}/${form}`, ''));
  return locationOf(await http.visit(resume));
}

/** Has the user asked, each time. */
const CONSENT = '&prompt=consent';

const begin = async (http: Connection, asked: Asked): Promise<string> =>
  locationOf(await http.visit(`/authorize?${queryOf(asked)}${asked.requestURI === undefined ? CONSENT : ''}`));

const scope = `offline_access ${SCOPE}`;

export const interactions: Dialog = {
  scope,
  pushed: CONSENT,
  bearerScope: `openid ${scope}`, // its userinfo needs it
  async login(http) {
    const page = await begin(http, { state: 'login', codeChallenge: secretOf('nobody'), scope });
    const next = await interact(http, page, 'login', 'login');
    await interact(http, next, 'consent', 'confirm');
  },
  async authorize(http, asked) {
    return interact(http, await begin(http, asked), 'consent', 'confirm');
  },
};
