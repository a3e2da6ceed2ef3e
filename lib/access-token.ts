/** An access token as an API sees it, and the proof of possession that a request carries for a token that is bound to a key. No code. */
import type { Context } from 'koa';
import type { RefusalRule } from './refusal-rule.js';
import type { Awaitable, Claims, Confirmation, Scope } from './types.js';

/** What a valid access token says. `tokens.verify`, `introspectionVerifier` and `jwtVerifier` give one, and `ctx.state.token` is one. */
export interface AccessToken {
  readonly scope: Scope;
  readonly clientID?: string | undefined;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** The ID of the authorization that it was issued for. Present only where the token service that issued it is in this process. */
  readonly authorizationID?: string | undefined;
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
  /** The keys that the presenter of the token must prove to possess. @see RFC 7800 §3.1 */
  readonly confirmation?: Confirmation | undefined;
  /** All claims that the authorization server gave for it, verbatim. */
  readonly claims?: Claims | undefined;
  /** Claims that the authorization server stores with the token and gives only to an API in its own process. */
  readonly notes?: Claims | undefined;
}

/** Parameters of a `WWW-Authenticate` challenge; those without a value are left out. @see RFC 9110 §11.6.1 */
export type ChallengeParams = Readonly<Record<string, string | undefined>>;

/**
 * A proof of possession: how an API finds out whether a request has the key that its token is bound to. Each specification that binds tokens to
 * keys has one, which is handed to `bearer({ proofs })`.
 *
 * @see RFC 7800 §3.1
 */
export interface Proof {
  /** The scheme of the Authorization header that a token bound in this way is sent with: `Bearer` with mutual TLS. */
  readonly scheme: string;
  /** The member of `cnf` that identifies the key, such as `jkt`. @see RFC 7800 §3.1 */
  readonly member: string;
  /**
   * Whether the request proves possession of the key. Only the value `true` lets the request in.
   *
   * @param token the access token as it was sent
   * @param expected the value of the member: never empty
   * @throws OAuth2Error to refuse with an error of its own, such as one that asks for a nonce; any other error goes on to the application
   */
  prove(ctx: Context, token: string, expected: string): Awaitable<boolean>;
  /** Parameters of the challenge of its scheme, such as `algs`. */
  challenge?(ctx: Context): ChallengeParams;
  /** The rules by which it refuses, for the operator. */
  readonly refusals?: readonly RefusalRule[];
}
