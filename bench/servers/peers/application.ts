/** What an application brings to a toolkit that keeps nothing itself: records in memory, and the comparisons that are left to it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type App, apps, LIFETIMES } from '../clients.js';

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

const codes = new Map<string, Kept<Code>>();
const accessTokens = new Map<string, Kept<Granted>>();
const refreshTokens = new Map<string, Kept<Granted>>();

/** 256 random bits. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** In constant time. */
export function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The client with this secret. */
export function authenticate(clientID: string, secret: string): App | undefined {
  const app = apps.get(clientID);
  return app && isSame(secret, app.client_secret) ? app : undefined;
}

export function issueCode(code: Code): string {
  const token = newToken();
  codes.set(token, { ...code, expires: Date.now() + LIFETIMES.code * 1000 });
  return token;
}

function issue(tokens: Map<string, Kept<Granted>>, granted: Granted, lifetime: number): string {
  const token = newToken();
  tokens.set(token, { ...granted, expires: Date.now() + lifetime * 1000 });
  return token;
}

export const issueAccessToken = (granted: Granted): string => issue(accessTokens, granted, LIFETIMES.accessToken);
export const issueRefreshToken = (granted: Granted): string => issue(refreshTokens, granted, LIFETIMES.refreshToken);

function find<T extends Granted>(records: Map<string, Kept<T>>, token: string): T | undefined {
  const found = records.get(token);
  return found && found.expires > Date.now() ? found : undefined;
}

export const findAccessToken = (token: string): Granted | undefined => find(accessTokens, token);

/** What is this client's works once. */
function take<T extends Granted>(records: Map<string, Kept<T>>, token: string, app: App): T | undefined {
  const found = find(records, token);
  if (found?.clientID !== app.client_id) return undefined;
  records.delete(token);
  return found;
}

/** What a code stands for, if all that belongs to it is right. @see RFC 6749 §4.1.3, RFC 7636 §4.6 */
export function redeemCode(token: string, app: App, redirectURI: string, verifier: unknown): Granted | undefined {
  const code = take(codes, token, app);
  if (code?.redirectURI !== redirectURI || typeof verifier !== 'string') return undefined;
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (!isSame(challenge, code.codeChallenge)) return undefined;
  const { clientID, userID, scope } = code;
  return { clientID, userID, scope };
}

/** What a refresh token stands for, with the scope that is asked for now. @see RFC 6749 §6 */
export function redeemRefreshToken(token: string, app: App, scope?: readonly string[]): Granted | undefined {
  const found = take(refreshTokens, token, app);
  if (!found) return undefined;
  const { expires: _, ...granted } = found as Kept<Granted>;
  if (!scope) return granted;
  return scope.every((word) => granted.scope.includes(word)) ? { ...granted, scope } : undefined;
}

/** What a client may have of what it asks for: all or nothing of it, and all that it registered if it does not say. */
export function scopeFor(app: App, asked: readonly string[] | undefined): readonly string[] | undefined {
  const registered = app.scope.split(' ');
  if (!asked) return registered;
  return asked.every((word) => registered.includes(word)) ? asked : undefined;
}
