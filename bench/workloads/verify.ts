/** Every answer is looked at: a server that answers wrongly, and quickly, has no figure. */
import { LIFETIMES } from '../servers/clients.js';
import type { Answer } from './connection.js';

/** An answer that should not be: ends the run, with what was sent and answered. */
export class WrongAnswer extends Error {
  constructor(why: string, { sent, status, headers, body }: Answer) {
    super(`${why}\nsent: ${JSON.stringify(sent)}\nanswered: ${JSON.stringify({ status, headers, body })}`);
    this.name = 'WrongAnswer';
  }
}

export type Members = Readonly<Record<string, unknown>>;

/** @throws WrongAnswer */
export function requireStatus(answer: Answer, ...statuses: readonly number[]): void {
  if (!statuses.includes(answer.status)) throw new WrongAnswer(`Not ${statuses.join(' or ')}`, answer);
}

/** The members of a JSON answer. @throws WrongAnswer */
export function readJSON(answer: Answer, status = 200): Members {
  requireStatus(answer, status);
  try {
    const members: unknown = JSON.parse(answer.body);
    if (typeof members === 'object' && members !== null) return members as Members;
  } catch {
    // said below
  }
  throw new WrongAnswer('Not a JSON object', answer);
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** At least 128 bits, whatever the alphabet. */
const TOKEN = /^[\w.~+/-]{22,}=*$/;

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value);
}

/** The tokens of a token answer. @throws WrongAnswer. @see RFC 6749 §5.1 */
export function readTokens(answer: Answer, type: 'Bearer' | 'DPoP' = 'Bearer'): Tokens {
  const { access_token, token_type, expires_in, refresh_token } = readJSON(answer);
  if (!isToken(access_token)) throw new WrongAnswer('No access token', answer);
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== type.toLowerCase())
    throw new WrongAnswer(`Not a ${type} token`, answer);
  if (typeof expires_in !== 'number' || Math.abs(LIFETIMES.accessToken - expires_in) > 2)
    throw new WrongAnswer('Not the lifetime', answer);
  if (!answer.headers['cache-control']?.includes('no-store')) throw new WrongAnswer('May be cached', answer);
  if (refresh_token !== undefined && !isToken(refresh_token)) throw new WrongAnswer('No refresh token', answer);
  return { accessToken: access_token, refreshToken: refresh_token };
}
