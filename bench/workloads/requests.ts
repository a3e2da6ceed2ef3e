/** The requests that the workloads are made of, each verified. */
import { createHash, randomBytes } from 'node:crypto';
import { type App, REDIRECT_URI, webApp } from '../servers/clients.js';
import type { Answer, Connection } from './connection.js';
import { type Asked, type Dialog, usualDialog } from './dialog.js';
import { isToken, readTokens, type Tokens } from './verify.js';

/** Headers of a client that proves who it is. @see RFC 6749 §2.3.1 */
export function basic({ client_id, client_secret }: Pick<App, 'client_id' | 'client_secret'>): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` };
}

const asWebApp = basic(webApp);

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

export interface Coded {
  readonly code: string;
  readonly verifier: string;
}

/** Has alice allow it. @param push pushes the request before: what the browser carries is then the reference that it gives */
export async function getCode(
  http: Connection,
  dialog: Dialog = usualDialog,
  push?: (asked: Asked) => Promise<string>,
): Promise<Coded> {
  const state = random(16);
  const verifier = random(32);
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
  const { scope = usualDialog.scope } = dialog;
  const asked = { state, codeChallenge, scope };
  const target = await dialog.authorize(http, push ? { ...asked, requestURI: await push(asked) } : asked);
  const { origin, pathname, searchParams } = new URL(target);
  const code = searchParams.get('code');
  if (origin + pathname !== REDIRECT_URI || searchParams.get('state') !== state || !isToken(code))
    throw new Error(`Sent to ${target}, with the state ${state}`);
  return { code, verifier };
}

/** What a client sends to have a code's tokens. @param headers more of them, such as a proof */
export function exchangeCode(
  http: Connection,
  { code, verifier }: Coded,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form =
    `grant_type=authorization_code&code=${encodeURIComponent(code)}` +
    `&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&code_verifier=${verifier}`;
  return http.post('/token', form, { ...headers, ...asWebApp });
}

export function refresh(http: Connection, refreshToken: string): Promise<Answer> {
  return http.post('/token', `grant_type=refresh_token&refresh_token=${encodeURIComponent(refreshToken)}`, asWebApp);
}

/** The whole flow of a user who is logged in. */
export async function getTokens(http: Connection, dialog?: Dialog): Promise<Tokens> {
  return readTokens(await exchangeCode(http, await getCode(http, dialog)));
}
