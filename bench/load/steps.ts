/** What clients do that behave: each answer is verified. */
import { alice, api, robot, SCOPE, webApp } from '../servers/clients.js';
import type { Answer, Connection } from '../workloads/connection.js';
import { usualDialog } from '../workloads/dialog.js';
import { basic, type Coded, exchangeCode, getCode, refresh } from '../workloads/requests.js';
import { isToken, readJSON, requireStatus, type Tokens, WrongAnswer } from '../workloads/verify.js';
import { LIFETIMES } from './protocol.js';
import type { Step, Visitor } from './visitor.js';

const asRobot = basic(robot);
const asAPI = basic(api);
const asWebApp = basic(webApp);

/** As `readTokens` of the workloads, with the lifetime of this server. @param age seconds since they may have been made. @throws WrongAnswer */
export function readIssued(answer: Answer, age = 0): Tokens {
  const { access_token, token_type, expires_in, refresh_token } = readJSON(answer);
  const isRight =
    isToken(access_token) &&
    token_type === 'Bearer' &&
    typeof expires_in === 'number' &&
    expires_in <= LIFETIMES.accessToken &&
    expires_in >= LIFETIMES.accessToken - age - 2 &&
    answer.headers['cache-control'] === 'no-store' &&
    (refresh_token === undefined || isToken(refresh_token));
  if (!isRight) throw new WrongAnswer('No tokens', answer);
  return { accessToken: access_token, refreshToken: refresh_token };
}

/** @throws Error when it has none: a step before this one failed */
export function tokensOf({ tokens }: Visitor): { readonly accessToken: string; readonly refreshToken: string } {
  if (tokens?.refreshToken === undefined) throw new Error('No tokens');
  return { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken };
}

export const askWith = (http: Connection, accessToken: string): Promise<Answer> =>
  http.get('/me', { authorization: `Bearer ${accessToken}` });

export const introspect = (http: Connection, token: string): Promise<Answer> =>
  http.post('/introspect', `token=${token}`, asAPI);

export const revoke = (http: Connection, token: string): Promise<Answer> =>
  http.post('/revoke', `token=${token}`, asWebApp);

/** A code for this user, who is logged in first where need be. */
export async function codeFor(visitor: Visitor): Promise<Coded> {
  if (!visitor.isLoggedIn) await usualDialog.login(visitor.http);
  visitor.isLoggedIn = true;
  return getCode(visitor.http);
}

export const clientCredentials: Step = {
  kind: 'client credentials',
  async run({ http }) {
    const answer = await http.post('/token', `grant_type=client_credentials&scope=${SCOPE}`, asRobot);
    const { refreshToken } = readIssued(answer);
    if (refreshToken !== undefined) throw new WrongAnswer('A refresh token for itself', answer); // RFC 6749 §4.4.3
  },
};

export const flow: Step = {
  kind: 'flow',
  async run(visitor) {
    visitor.tokens = readIssued(await exchangeCode(visitor.http, await codeFor(visitor)));
  },
};

export const bearer: Step = {
  kind: 'bearer',
  async run(visitor) {
    const answer = await askWith(visitor.http, tokensOf(visitor).accessToken);
    if (readJSON(answer)['sub'] !== alice.id) throw new WrongAnswer('Not alice', answer);
  },
};

export const introspection: Step = {
  kind: 'introspection',
  async run(visitor) {
    const answer = await introspect(visitor.http, tokensOf(visitor).accessToken);
    const { active, client_id, sub } = readJSON(answer);
    if (active !== true || client_id !== webApp.client_id || sub !== alice.id)
      throw new WrongAnswer('Not the token of alice', answer);
  },
};

/** And again at once: what a client does that lost the answer. */
export const refreshing: Step = {
  kind: 'refresh',
  async run(visitor) {
    const { refreshToken } = tokensOf(visitor);
    const startedAt = Date.now();
    const successor = readIssued(await refresh(visitor.http, refreshToken));
    const again = await refresh(visitor.http, refreshToken);
    const { refreshToken: same } = readIssued(again, (Date.now() - startedAt) / 1000);
    if (same !== successor.refreshToken) throw new WrongAnswer('Another successor', again);
    visitor.tokens = successor;
  },
};

export const revocation: Step = {
  kind: 'revocation',
  async run(visitor) {
    const { accessToken, refreshToken } = tokensOf(visitor);
    for (const token of [accessToken, refreshToken]) {
      requireStatus(await revoke(visitor.http, token), 200);
      const answer = await introspect(visitor.http, token);
      if (readJSON(answer)['active'] !== false) throw new WrongAnswer('Still active', answer);
    }
    requireStatus(await askWith(visitor.http, accessToken), 401);
    visitor.tokens = undefined;
  },
};
