/** A user's way through authorization request and dialog, the one that servers have unless their entry says otherwise. */
import { REDIRECT_URI, SCOPE, webApp } from '../servers/clients.js';
import type { Connection } from './connection.js';
import { readJSON, requireStatus, WrongAnswer } from './verify.js';

/** What the client makes up for each authorization request. */
export interface Asked {
  readonly state: string;
  readonly codeChallenge: string;
  /** Space-separated. */
  readonly scope: string;
  /** Where the request was pushed before: the browser carries this reference in place of it. @see RFC 9126 §4 */
  readonly requestURI?: string;
}

export interface Dialog {
  /** Logs alice in; outside the measured time. */
  login(http: Connection): Promise<void>;
  /** From the authorization request to the answer. @returns where the browser is sent, with code and state */
  authorize(http: Connection, asked: Asked): Promise<string>;
  /** Further parameters of a request that is pushed, such as `&prompt=consent`. */
  readonly pushed?: string;
  /** Default `read`. */
  readonly scope?: string;
  /** What the token for `/me` needs. Default: the same. */
  readonly bearerScope?: string;
}

/** The parameters of an authorization request. */
export function parametersOf({ state, codeChallenge, scope }: Asked, redirectURI = REDIRECT_URI): string {
  return (
    `response_type=code&client_id=${webApp.client_id}&redirect_uri=${encodeURIComponent(redirectURI)}` +
    `&scope=${encodeURIComponent(scope)}&state=${state}&code_challenge=${codeChallenge}&code_challenge_method=S256`
  );
}

/** The query of an authorization request. */
export function queryOf(asked: Asked, redirectURI?: string): string {
  const { requestURI } = asked;
  if (requestURI === undefined) return parametersOf(asked, redirectURI);
  return `client_id=${webApp.client_id}&request_uri=${encodeURIComponent(requestURI)}`;
}

export const usualDialog: Dialog & Required<Pick<Dialog, 'scope'>> = {
  scope: SCOPE,
  async login(http) {
    requireStatus(await http.visit('/login'), 204);
  },
  async authorize(http, asked) {
    const drawn = await http.visit(`/authorize?${queryOf(asked)}`);
    const { transaction_id } = readJSON(drawn);
    if (typeof transaction_id !== 'string') throw new WrongAnswer('No transaction', drawn);
    const decided = await http.submit('/decision', `transaction_id=${encodeURIComponent(transaction_id)}`);
    requireStatus(decided, 302, 303);
    if (!decided.headers.location) throw new WrongAnswer('Sent nowhere', decided);
    return decided.headers.location;
  },
};
