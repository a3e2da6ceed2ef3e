/** How a token names the certificate that it is bound to. No code. @see RFC 8705 §3.1 */
declare module '../../types.js' {
  interface Confirmation {
    /** The SHA-256 of the certificate, in base64url. */
    readonly 'x5t#S256'?: string;
  }
}

export {};
