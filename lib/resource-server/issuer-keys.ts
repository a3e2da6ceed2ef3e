/** Where an API finds the keys of an authorization server, and which signature algorithms it accepts. */
import { requireTimeout } from '../http/fetch-text.js';
import { ASYMMETRIC, isAsymmetric } from '../keys/asymmetric.js';
import type { FindKey } from '../keys/local-keys.js';
import { remoteKeys } from '../keys/remote-keys.js';
import type { OptionNames } from '../options.js';
import { isPlain, type Network, requireSecureURL } from '../syntax/url.js';
import { jwksURIOf } from './discovery.js';
import type { FetchOptions } from './fetch-json.js';

/** Options of an API about an authorization server whose signatures it verifies. */
export interface SignedByOptions {
  /** The authorization server's issuer identifier, exactly as in its metadata. */
  readonly issuer: string;
  /** The signature algorithms that are accepted. Default: all of RSA, ECDSA and EdDSA. No others are possible. */
  readonly algorithms?: readonly string[];
  /** The URL of the key set. Default: `jwks_uri` of the issuer's metadata. */
  readonly jwksURI?: string;
}

/** The names of these options. */
export const SIGNED_BY_OPTIONS: OptionNames<SignedByOptions> = { issuer: true, algorithms: true, jwksURI: true };

/**
 * The signature algorithms that are accepted. RFC 8725 §3.1, §3.2: neither `none` nor algorithms with a shared secret are among them.
 *
 * @throws TypeError for other algorithms, and for URLs without https, whose responses an attacker on the network could replace
 */
export function requireSignedBy(
  { issuer, algorithms = ASYMMETRIC, jwksURI = issuer }: SignedByOptions,
  network: Network,
): string[] {
  requireSecureURL(issuer, 'issuer', network);
  if (issuer.includes('?')) throw new TypeError('issuer has no query'); // RFC 8414 §2
  requireSecureURL(jwksURI, 'jwksURI', network);
  if (algorithms.length === 0 || !algorithms.every(isAsymmetric))
    throw new TypeError(`algorithms are of ${ASYMMETRIC.join(', ')}, not ${algorithms.join(', ')}`);
  return [...algorithms];
}

/** Makes a function that finds the key of a signature. It throws VerifierUnavailableError or KeysUnavailableError while the keys cannot be fetched. */
export function issuerKeys({ issuer, jwksURI }: SignedByOptions, fetching: FetchOptions, now: () => number): FindKey {
  const { fetch, timeout, allowPlainHTTP = false } = fetching;
  if (timeout !== undefined) requireTimeout('timeout', timeout);
  const shared = { ...(fetch && { fetch }), now };
  const keysAt = remoteKeys({
    ...shared,
    ...([issuer, jwksURI ?? issuer].some(isPlain) && { allowHTTP: allowPlainHTTP ? 'anywhere' : 'loopback' }),
    ...(timeout !== undefined && { fetchTimeout: timeout }),
  });
  if (jwksURI !== undefined) return keysAt(jwksURI).find;
  const find = jwksURIOf({ ...shared, issuer, allowPlainHTTP, ...(timeout !== undefined && { timeout }) });
  return async (header) => keysAt(await find()).find(header);
}
