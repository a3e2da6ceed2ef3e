import { webApp } from '../servers/clients.js';
import type { Connection } from './connection.js';
import { type Asked, type Dialog, parametersOf } from './dialog.js';
import { Prover } from './proof.js';
import { basic, type Coded, exchangeCode, getCode } from './requests.js';
import { readJSON, readTokens, WrongAnswer } from './verify.js';
import type { Workload } from './workload.js';

const asWebApp = basic(webApp);

/** Pushes a request with a proof, to whose key the code will be bound. @returns the reference. @see RFC 9126 §2.2, RFC 9449 §10.1 */
async function push(http: Connection, prover: Prover, asked: Asked, more: string): Promise<string> {
  const headers = { ...asWebApp, ...prover.proofFor('/par') };
  const answer = await http.post('/par', `${parametersOf(asked)}${more}`, headers);
  const { request_uri } = readJSON(answer, 201);
  if (typeof request_uri !== 'string') throw new WrongAnswer('No reference', answer);
  return request_uri;
}

/** Has alice allow a request that was pushed. */
export function getPushedCode(http: Connection, dialog: Dialog, prover: Prover): Promise<Coded> {
  return getCode(http, dialog, (asked) => push(http, prover, asked, dialog.pushed ?? ''));
}

/** The whole flow with a pushed request, and a code and tokens that are bound to a key. */
export const pushedFlow: Workload = {
  name: 'pushed-flow',
  label: 'PAR + authorize + decision + exchange, DPoP (ES256)',
  requests: 4,
  async prepare(http, dialog) {
    await dialog.login(http);
    const prover = new Prover();
    return async () => {
      const coded = await getPushedCode(http, dialog, prover);
      readTokens(await exchangeCode(http, coded, prover.proofFor('/token')), 'DPoP');
    };
  },
};
