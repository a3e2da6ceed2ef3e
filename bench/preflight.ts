/** A server that does not do the work is no peer: what each must refuse before it is measured. */
import { startServer } from './server-process.js';
import { REDIRECT_URI, robot, secretOf, webApp } from './servers/clients.js';
import type { Refusal, ServerEntry } from './servers/index.js';
import { connectTo } from './workloads/connect-to.js';
import type { Answer, Connection } from './workloads/connection.js';
import { type Dialog, queryOf, usualDialog } from './workloads/dialog.js';
import { basic, exchangeCode, getCode, getTokens, refresh } from './workloads/requests.js';
import { readTokens, WrongAnswer } from './workloads/verify.js';

export function requireRefused(answer: Answer): void {
  if (answer.status < 400 || answer.status >= 500) throw new WrongAnswer('Not refused', answer);
}

const refusals: Readonly<Record<Refusal, (http: Connection, dialog: Dialog) => Promise<void>>> = {
  async 'wrong secret'(http) {
    const wrong = basic({ client_id: robot.client_id, client_secret: secretOf('nobody') });
    requireRefused(await http.post('/token', 'grant_type=client_credentials', wrong));
  },
  async 'wrong verifier'(http, dialog) {
    const { code } = await getCode(http, dialog);
    requireRefused(await exchangeCode(http, { code, verifier: secretOf('nobody') }));
  },
  async 'code used twice'(http, dialog) {
    const coded = await getCode(http, dialog);
    readTokens(await exchangeCode(http, coded));
    requireRefused(await exchangeCode(http, coded));
  },
  async 'code of another redirect URI'(http, dialog) {
    const { code, verifier } = await getCode(http, dialog);
    const form = `grant_type=authorization_code&code=${code}&code_verifier=${verifier}&redirect_uri=https://other.example/`;
    requireRefused(await http.post('/token', form, basic(webApp)));
  },
  async 'unregistered redirect URI'(http, { scope = usualDialog.scope }) {
    const asked = { state: 'state', codeChallenge: secretOf('nobody'), scope };
    requireRefused(await http.visit(`/authorize?${queryOf(asked, `${REDIRECT_URI}/other`)}`));
  },
  async 'unknown access token'(http) {
    requireRefused(await http.get('/me', { authorization: `Bearer ${secretOf('nobody')}` }));
  },
  async 'second successor of a refresh token'(http, dialog) {
    const { refreshToken = '' } = await getTokens(http, dialog);
    const successor = readTokens(await refresh(http, refreshToken)).refreshToken;
    const again = await refresh(http, refreshToken);
    const isSame = again.status === 200 && readTokens(again).refreshToken === successor; // a grace window may say it again
    if (!isSame) requireRefused(again);
  },
};

/** What a server must refuse, by the name of each attempt. */
export type Refusals = Readonly<Record<string, (http: Connection, dialog: Dialog) => Promise<void>>>;

/** @throws WrongAnswer for what is not refused, and was not said to be accepted */
export async function preflight(
  { name, dialog = usualDialog, accepts = {} }: ServerEntry,
  wanted: Refusals = refusals,
): Promise<void> {
  const server = await startServer(name);
  const http = connectTo(server.origin);
  try {
    await dialog.login(http);
    for (const [refusal, isRefused] of Object.entries(wanted)) {
      if (!(refusal in accepts)) await isRefused(http, dialog);
    }
  } catch (cause) {
    throw new Error(`${name} is not ready to be measured: ${(cause as Error).message}`, { cause });
  } finally {
    await http.close();
    await server.stop();
  }
}
