import type { Context } from 'koa';
import type { Awaitable, Confirmation, Scope } from '../types.js';

/** An access token that counts, as an API sees it. What `tokens.verify` of the token service gives is one. */
export interface AccessToken {
  readonly scope: Scope;
  readonly clientID?: string | undefined;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** The authorization server that issued it. */
  readonly issuer?: string | undefined;
  /** The APIs that it is for. */
  readonly audience?: readonly string[] | undefined;
  /** Epoch seconds. */
  readonly issuedAt?: number | undefined;
  /** Epoch seconds. */
  readonly expiresAt?: number | undefined;
  /** When the user last logged in, in epoch seconds. @see RFC 9068 §2.2.1 */
  readonly authenticatedAt?: number | undefined;
  /** How the user logged in. @see RFC 9068 §2.2.1 */
  readonly acr?: string | undefined;
  /** The key that whoever presents it must prove to have. @see RFC 7800 §3.1 */
  readonly confirmation?: Confirmation | undefined;
  /** All that the authorization server said of it, verbatim. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Says what a token stands for; nothing when it does not count. What it throws is the operator's: it becomes neither a refusal nor a
 * pass.
 */
export type Verify<T extends AccessToken = AccessToken> = (
  token: string,
  ctx: Context,
) => Awaitable<T | false | null | undefined>;

/**
 * The shape of `ctx.state` after `bearer`, for a typed router.
 *
 * @example new Router<BearerState>()
 */
export interface BearerState<T extends AccessToken = AccessToken> {
  token: T;
}
