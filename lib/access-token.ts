/** An access token as an API sees it, and what a request shows besides a token that is bound to a key. No code. */
import type { Context } from 'koa';
import type { RefusalRule } from './refusal-rule.js';
import type { Awaitable, Claims, Confirmation, Scope } from './types.js';

/** What a valid access token says. `tokens.verify`, `introspectionVerifier` and `jwtVerifier` give one, and `ctx.state.token` is one. */
export interface AccessToken {
  readonly scope: Scope;
  readonly clientID?: string | undefined;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** The authorization that it came from, where the token service that issued it is in this process. */
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
  /** The keys that whoever presents it must prove to have. @see RFC 7800 §3.1 */
  readonly confirmation?: Confirmation | undefined;
  /** All that the authorization server said of it, verbatim. */
  readonly claims?: Claims | undefined;
  /** What the authorization server keeps with it and tells only an API in its own process. */
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
  /** The member of `cnf` that names the key, as RFC 7800 §3.1 has it. */
  readonly member: string;
  /**
   * Whether the request has the key: exactly `true` lets it in.
   *
   * @param token the access token as it was sent
   * @param expected the value of the member: never empty
   * @throws OAuth2Error to refuse with an error of its own (such as that a nonce is needed); all else that it throws goes on to the application
   */
  prove(ctx: Context, token: string, expected: string): Awaitable<boolean>;
  /** Parameters of the challenge of its scheme, such as `algs`. */
  challenge?(ctx: Context): ChallengeParams;
  /** The rules of its errors, for the operator. */
  readonly refusals?: readonly RefusalRule[];
}
