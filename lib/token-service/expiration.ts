/** The remaining lifetimes of a refresh token and its authorization, in token responses and introspection. */
import type { IssuedTokens } from '../types.js';

/** When a refresh token and its authorization expire, in epoch seconds. */
interface Ends {
  readonly expiresAt: number;
  readonly end: number;
}

/** Draft OAuth Refresh Token Expiration §6.1: both in seconds from the response. */
const NAMES = ['refresh_token_timeout', 'authorization_expires_in'] as const;

type Expiration = { readonly [name in (typeof NAMES)[number]]?: number };

/** The members about a refresh token. §6.1: the first is never greater than the second, since no token outlives its authorization. */
export function expirationOf({ expiresAt, end }: Ends, now: number): Expiration {
  return { refresh_token_timeout: expiresAt - now, authorization_expires_in: end - now };
}

/** The members for a response that is sent again. @param elapsed the seconds since it was sent first */
export function expirationLeft(tokens: IssuedTokens, elapsed: number): Expiration {
  const left = NAMES.flatMap((name) => {
    const seconds = tokens[name];
    return typeof seconds === 'number' ? [[name, Math.max(0, seconds - elapsed)] as const] : [];
  });
  return Object.fromEntries(left);
}
