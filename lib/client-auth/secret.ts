/** Makes, hashes and compares the secrets of clients. */
import { hash } from 'node:crypto';
import { clientSecretHashOf, clientSecretOf, secretExpiryOf } from '../clients/registration.js';
import { warnOnce } from '../errors/warning.js';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { random } from '../secrets/random.js';
import type { Awaitable } from '../types.js';
import { authenticationFailed } from './failure.js';

/** Whether a secret is the client's. */
export type CompareSecret<C> = (secret: string, client: C) => Awaitable<boolean>;

/** Options of `clientSecretBasic()` and `clientSecretPost()`. */
export interface ClientSecretOptions<C> {
  /**
   * Compares the secret of a request with what the application stores for the client. Default: with the client's `client_secret_hash`, the result of
   * `hashClientSecret`; or else with its `client_secret`, in plain text. If the client does not exist, it is called with another client, so that the
   * answer takes as long.
   */
  readonly compare?: CompareSecret<C>;
  /** The time in epoch seconds, to which `client_secret_expires_at` is compared. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Whether the result of `compare` is exactly `true`. Another value, such as a truthy object, does not let a client in, and causes a warning. */
export function isYes(compared: unknown): boolean {
  if (typeof compared !== 'boolean')
    warnOnce(
      'KOAUTHORIZE_COMPARE',
      `compare of a client secret gave ${typeof compared}, and not true or false: only true lets a client in. Does it lack a return?`,
    );
  return compared === true;
}

/**
 * Refuses a secret that has expired. Called only for the right secret: the time of the answer then tells only those who know the secret that it has expired.
 *
 * @throws TokenError `invalid_client`, with the reason for the operator. @see RFC 7591 §3.2.1
 */
export function requireUnexpired(client: unknown, clientID: string, now: number): void {
  const expiry = secretExpiryOf(client);
  if (expiry === undefined || now < expiry) return;
  throw authenticationFailed(`The client_secret of ${clientID} is right, and has expired at ${expiry}`);
}

/** Makes a client secret: 256 random bits in base64url, a form that needs no escaping in a request. @example const secret = generateClientSecret(); */
export function generateClientSecret(): string {
  return random(32);
}

/**
 * The hash to store of a secret that `generateClientSecret` made: its SHA-256, in base64url. A secret of 256 random bits needs no slow hash. One
 * that a person chose needs one (argon2, scrypt).
 *
 * @example client.secret_hash = hashClientSecret(secret);
 */
export function hashClientSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/**
 * Compares a secret with the stored result of `hashClientSecret`, in constant time.
 *
 * @example clientSecretBasic<App>({ compare: (secret, app) => matchesClientSecret(secret, app.secret_hash) })
 */
export function matchesClientSecret(secret: string, hash: string | undefined): boolean {
  if (typeof secret !== 'string') return false; // some body parsers give an array for a repeated field
  return equalInConstantTime(hashClientSecret(secret), hash ?? '');
}

/** Compares with the client's `client_secret_hash`, or else with its `client_secret`. If it has neither, every secret is wrong. */
export function compareStored(secret: string, client: unknown): boolean {
  const hash = clientSecretHashOf(client);
  if (hash !== undefined) return matchesClientSecret(secret, hash);
  const stored = clientSecretOf(client) ?? '';
  return equalInConstantTime(secret, stored) && stored !== '';
}
