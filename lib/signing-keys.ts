/** The types of a server's signing keys. No code. */

import type { Finding } from './findings.js';

/** A key that signs, or that signatures are verified with. */
export interface SigningKey {
  readonly kid: string;
  /** As in JWS: `ES256`. */
  readonly alg: string;
  /** The key as jose takes it, such as a CryptoKey. Where `sign` signs, it is the public key. */
  readonly key: unknown;
  /**
   * Signs where the private key is, such as in a key management service. After 5 seconds, `signal` is aborted and the signing has failed.
   *
   * @param data the bytes to sign: the header and the claims of a JWT in base64url. They are not hashed yet
   * @returns the signature; by ECDSA in the form of JWS or of ASN.1
   * @see RFC 7515 §5.1, RFC 7518 §3
   */
  sign?(data: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  /** Seconds for which the key stays published after its last signature. Signing a token with a longer lifetime fails. Default: no limit. */
  readonly longestToken?: number;
}

/** When keys are made and replaced: durations in seconds, times in epoch seconds. */
export interface KeyRotation {
  /** For how long a key signs. */
  readonly every: number;
  /** For how long a key is published before it signs. */
  readonly publishedFirst: number;
  /** For how long a key is published after its last signature. */
  readonly longestToken: number;
  /** When the keys that are published were made. */
  readonly createdAt: readonly number[];
}

/** The keys of a server: `keySet()` of `koauthorize/tokens`, or an application's own. */
export interface SigningKeys {
  /** The key that signs now, with the default algorithm or the named one. @throws Error if there is no key for the algorithm */
  signing(alg?: string): SigningKey;
  find(kid: string | undefined): SigningKey | undefined;
  /** The public keys, verbatim. @see RFC 7517 §5 */
  jwks(): { readonly keys: readonly object[] };
  /** When keys are made and replaced, if that is automatic: for the doctor. */
  rotation?(): KeyRotation;
  /** What it finds in its own options: for the report of `server.check()`. */
  findings?(): readonly Finding[];
}
