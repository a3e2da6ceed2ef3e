/** How a token names the key of the DPoP proofs that it is bound to. No code. @see RFC 9449 §6.1 */
declare module '../../types.js' {
  interface Confirmation {
    /** The SHA-256 thumbprint of the key as a JWK, in base64url. @see RFC 7638 */
    readonly jkt?: string;
  }
}

export {};
