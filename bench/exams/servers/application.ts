/**
 * What the application of oauth2orize and oauth2orize-koa brings: records, and PKCE. A code and a refresh token are taken by one statement,
 * so that each works once: the READMEs read a code and do not remove it.
 */
import { createHash } from 'node:crypto';
import { type App, LIFETIMES } from '../../servers/clients.js';
import { isSame, newToken } from '../../servers/peers/application.js';
import { Records } from './records.js';

/** Who allowed which client what. */
export interface Granted {
  readonly clientID: string;
  /** Absent where a client got a token for itself. */
  readonly userID?: string;
  readonly scope: readonly string[];
}

interface Code extends Granted {
  readonly userID: string;
  readonly redirectURI: string;
  readonly codeChallenge: string;
}

type Kept<T> = T & {
  /** Milliseconds since the epoch. */
  readonly expires: number;
};

const codes = new Records<Kept<Code>>();
const accessTokens = new Records<Kept<Granted>>();
const refreshTokens = new Records<Kept<Granted>>();

async function keep<T>(records: Records<Kept<T>>, value: T, lifetime: number): Promise<string> {
  const token = newToken();
  await records.put(token, { ...value, expires: Date.now() + lifetime * 1000 });
  return token;
}

export const issueCode = (code: Code): Promise<string> => keep(codes, code, LIFETIMES.code);

export interface Issued {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

export const issueAccessToken = (granted: Granted): Promise<string> =>
  keep(accessTokens, granted, LIFETIMES.accessToken);
export const issueRefreshToken = (granted: Granted): Promise<string> =>
  keep(refreshTokens, granted, LIFETIMES.refreshToken);

export async function findAccessToken(token: string): Promise<Granted | undefined> {
  const found = await accessTokens.get(token);
  return found && found.expires > Date.now() ? found : undefined;
}

/** What a code stands for, if all that belongs to it is right. @see RFC 6749 §4.1.3, RFC 7636 §4.6 */
export async function redeemCode(
  token: string,
  app: App,
  redirectURI: string,
  verifier: unknown,
): Promise<Granted | undefined> {
  const code = await codes.take(token, ({ clientID }) => clientID === app.client_id);
  if (!code || code.expires <= Date.now()) return undefined;
  if (code.redirectURI !== redirectURI || typeof verifier !== 'string') return undefined;
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (!isSame(challenge, code.codeChallenge)) return undefined;
  const { clientID, userID, scope } = code;
  return { clientID, userID, scope };
}

/** What a refresh token stands for, with the scope that is asked for now. @see RFC 6749 §6 */
export async function redeemRefreshToken(
  token: string,
  app: App,
  scope?: readonly string[],
): Promise<Granted | undefined> {
  const mayHave = (granted: Granted): boolean => scope?.every((word) => granted.scope.includes(word)) ?? true;
  const found = await refreshTokens.take(token, (row) => row.clientID === app.client_id && mayHave(row));
  if (!found || found.expires <= Date.now()) return undefined;
  const { expires: _, ...granted } = found as Kept<Granted>;
  return scope ? { ...granted, scope } : granted;
}
