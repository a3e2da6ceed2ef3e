/** Secrets of clients: made, kept as a hash, compared. */
import { hash } from 'node:crypto';
import { clientSecretOf, secretExpiryOf } from '../clients/registration.js';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { random } from '../secrets/random.js';
import type { Awaitable } from '../types.js';
import { authenticationFailed } from './failure.js';

/** Whether a secret is the client's. */
export type CompareSecret<C> = (secret: string, client: C) => Awaitable<boolean>;

export interface ClientSecretOptions<C> {
  /**
   * Compares a secret with what the application keeps of it. Default: with the client's `client_secret` as it stands. It is also
   * called with other clients than the one that the request names, so that it takes as long for names that do not exist.
   */
  readonly compare?: CompareSecret<C>;
  /** The time in epoch seconds, to which `client_secret_expires_at` is compared. Default: the machine's clock. */
  readonly now?: () => number;
}

/**
 * For a request that has shown the right secret: not before, so that only who knows a secret learns by the time that it has expired.
 *
 * @throws TokenError `invalid_client`, with the reason for the operator. @see RFC 7591 §3.2.1
 */
export function requireUnexpired(client: unknown, clientID: string, now: number): void {
  const expiry = secretExpiryOf(client);
  if (expiry === undefined || now < expiry) return;
  throw authenticationFailed(`The client_secret of ${clientID} is right, and has expired at ${expiry}`);
}

/** Compares with `client_secret`. A client without one has no secret that could be right. */
export function compareStored(secret: string, client: unknown): boolean {
  const stored = clientSecretOf(client) ?? '';
  return equalInConstantTime(secret, stored) && stored !== '';
}

/** A new client secret: 256 random bits, in characters that no client can encode wrongly. @example const secret = generateClientSecret(); */
export function generateClientSecret(): string {
  return random(32);
}

/**
 * What to keep of a secret that `generateClientSecret` made: its SHA-256, in base64url. A secret of so many random bits needs no
 * slow hash; one that a person chose does (argon2, scrypt).
 *
 * @example app.secret_hash = hashClientSecret(secret);
 */
export function hashClientSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/**
 * Compares a secret with what `hashClientSecret` made of the right one, in constant time.
 *
 * @example clientSecretBasic({ compare: (secret, app) => matchesClientSecret(secret, app.secret_hash) })
 */
export function matchesClientSecret(secret: string, hash: string | undefined): boolean {
  if (typeof secret !== 'string') return false; // as body parsers have it that read a repeated field
  return equalInConstantTime(hashClientSecret(secret), hash ?? '');
}
