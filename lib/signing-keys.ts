/** The keys of a server, as everything that signs sees them. No code. */

import type { Finding } from './findings.js';

/** A key that signs, or that signatures are verified with. */
export interface SigningKey {
  readonly kid: string;
  /** As in JWS: `ES256`. */
  readonly alg: string;
  /** The key as jose takes it, such as a CryptoKey. Where `sign` signs, it is the public key. */
  readonly key: unknown;
  /**
   * Signs where the private key is, such as in a key management service. It is given up after 5 seconds, when `signal` is aborted.
   *
   * @param data the bytes to sign: the header and the claims of a JWT in base64url. They are not hashed yet
   * @returns the signature; by ECDSA in the form of JWS or of ASN.1
   * @see RFC 7515 §5.1, RFC 7518 §3
   */
  sign?(data: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  /** Seconds for which the key stays published after it has signed for the last time. A token that lives longer is not signed. Default: without a limit. */
  readonly longestToken?: number;
}

/** When keys are made and changed. In seconds, and epoch seconds. */
export interface KeyRotation {
  /** For how long a key signs. */
  readonly every: number;
  /** For how long a key is published before it signs. */
  readonly publishedFirst: number;
  /** For how long a key is published after it has signed. */
  readonly longestToken: number;
  /** When the keys that are published were made. */
  readonly createdAt: readonly number[];
}

/** The keys of a server: `keySet()` of `koauthorize/tokens`, or an application's own. */
export interface SigningKeys {
  /** The key that signs now, by the usual or by the named algorithm. @throws Error when there is none for it */
  signing(alg?: string): SigningKey;
  find(kid: string | undefined): SigningKey | undefined;
  /** The public keys, verbatim. @see RFC 7517 §5 */
  jwks(): { readonly keys: readonly object[] };
  /** When keys are made and changed, where that happens by itself: for the doctor. */
  rotation?(): KeyRotation;
  /** What it finds in its own options: for the report of `server.check()`. */
  findings?(): readonly Finding[];
}
