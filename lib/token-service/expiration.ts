/** How long a refresh token and its authorization last, as token responses and introspection say it. */
import type { IssuedTokens } from '../types.js';

/** When a refresh token ends, and when what it is of ends. Epoch seconds. */
interface Ends {
  readonly expiresAt: number;
  readonly end: number;
}

/** Draft OAuth Refresh Token Expiration §6.1: both in seconds from the response. */
const NAMES = ['refresh_token_timeout', 'authorization_expires_in'] as const;

type Expiration = { readonly [name in (typeof NAMES)[number]]?: number };

/** What is said of a refresh token. §6.1: the first is never more than the second, since no token outlives what it came from. */
export function expirationOf({ expiresAt, end }: Ends, now: number): Expiration {
  return { refresh_token_timeout: expiresAt - now, authorization_expires_in: end - now };
}

/** What the same response says when it is sent again, so many seconds later. */
export function expirationLeft(tokens: IssuedTokens, elapsed: number): Expiration {
  const left = NAMES.flatMap((name) => {
    const seconds = tokens[name];
    return typeof seconds === 'number' ? [[name, Math.max(0, seconds - elapsed)] as const] : [];
  });
  return Object.fromEntries(left);
}
