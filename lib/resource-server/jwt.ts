/** RFC 9068: JWT access tokens, the API's side. */
import { jwtVerify } from 'jose';
import { epoch } from '../clock.js';
import { type FindKey, KeysUnavailableError, remoteKeys } from '../keys/remote-keys.js';
import { isPlain, requireSecureURL } from '../syntax/url.js';
import type { AccessToken } from './access-token.js';
import { toAccessToken } from './claims.js';
import { jwksURIOf } from './discovery.js';
import type { FetchOptions } from './fetch-json.js';
import { VerifierUnavailableError } from './unavailable.js';

export interface JWTVerifierOptions extends FetchOptions {
  /** The authorization server's issuer identifier, exactly as its metadata has it. */
  readonly issuer: string;
  /** What the authorization server calls this API; of several, a token is to have one. */
  readonly audience: string | readonly string[];
  /** Signature algorithms to take. Default: RSA, ECDSA and EdDSA of any size; there are no others. */
  readonly algorithms?: readonly string[];
  /** Where the keys are. Default: where the issuer's metadata says. */
  readonly jwksURI?: string;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** RFC 8725 §3.1, §3.2: `none` and shared secrets are none of them. */
const ALGORITHMS: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** RFC 9068 §2.2 */
const REQUIRED = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

/** Seconds by which clocks may differ. `bearer` itself takes nothing that is past its expiry. @see RFC 9068 §4 */
const SKEW = 5;

/** @throws TypeError */
function requireSensible({ issuer, audience, algorithms = ALGORITHMS, jwksURI = issuer }: JWTVerifierOptions): void {
  requireSecureURL(issuer, 'issuer');
  if (issuer.includes('?')) throw new TypeError('issuer has no query'); // RFC 8414 §2
  requireSecureURL(jwksURI, 'jwksURI');
  if (audience.length === 0) throw new TypeError('jwtVerifier({ audience }) is needed: what this API is called');
  if (algorithms.length === 0 || algorithms.some((alg) => !ALGORITHMS.includes(alg)))
    throw new TypeError(`algorithms are of ${ALGORITHMS.join(', ')}, not ${algorithms.join(', ')}`);
}

function keysOf({ issuer, jwksURI, fetch, timeout }: JWTVerifierOptions, now: () => number): FindKey {
  const shared = { ...(fetch && { fetch }), now };
  const keysAt = remoteKeys({
    ...shared,
    ...([issuer, jwksURI ?? issuer].some(isPlain) && { allowHTTP: 'loopback' }),
    ...(timeout !== undefined && { fetchTimeout: timeout }),
  });
  if (jwksURI !== undefined) return keysAt(jwksURI).find;
  const find = jwksURIOf({ ...shared, issuer, ...(timeout !== undefined && { timeout }) });
  return async (header, token) => keysAt(await find()).find(header, token);
}

/**
 * A `verify` that looks at a token's signature and claims, and asks nobody but for the issuer's public keys, which it keeps. It learns
 * of a revocation only when the token expires.
 *
 * @throws TypeError for options that cannot be
 * @throws VerifierUnavailableError, KeysUnavailableError at the request, when the issuer's keys cannot be had: 503
 * @example app.use(bearer({ verify: jwtVerifier({ issuer: 'https://as.example', audience: 'https://api.example' }) }))
 * @see RFC 9068 §4
 */
export function jwtVerifier(options: JWTVerifierOptions): (token: string) => Promise<AccessToken | undefined> {
  requireSensible(options);
  const { issuer, audience, algorithms = ALGORITHMS, now = epoch } = options;
  const findKey = keysOf(options, now);
  const expected = {
    issuer,
    audience: [audience].flat(),
    algorithms: [...algorithms],
    typ: 'at+jwt', // RFC 9068 §4, RFC 8725 §3.11: an ID token is none
    requiredClaims: REQUIRED,
    clockTolerance: SKEW,
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, findKey, { ...expected, currentDate: new Date(now() * 1000) });
      const isComplete = REQUIRED.every((name) => payload[name] !== null); // null is no value of a claim that is REQUIRED
      return isComplete ? toAccessToken(payload) : undefined;
    } catch (error) {
      // that nobody can say; all else is the token's fault, which may name a key that cannot be used
      if (error instanceof KeysUnavailableError || error instanceof VerifierUnavailableError) throw error;
      return undefined;
    }
  };
}
