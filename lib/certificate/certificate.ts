/** The certificate that a client presents at the TLS layer. */
import { hash, type X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Context } from 'koa';

/** A certificate whose private key the client has proved to have. */
export interface PresentedCertificate {
  readonly certificate: X509Certificate;
  /** Whether the TLS layer has also verified its chain, up to a certificate authority (CA) that the server trusts. */
  readonly isVerified: boolean;
}

/** Finds the client's certificate; undefined if the client presented none. */
export interface CertificateSource {
  (ctx: Context): PresentedCertificate | undefined;
  /** `false` if the source never reports a chain as verified. `tls_client_auth` cannot use such a source. */
  readonly verifies?: false;
}

/**
 * The certificate of the connection itself, if this process terminates TLS. With `requestCert: true` the server asks clients for certificates, with
 * `rejectUnauthorized: false` it goes on without one, and `ca` has the CAs that it trusts: without it, Node trusts every public CA.
 *
 * @example https.createServer({ key, cert, ...tlsOptions({ clientCA }) }, app.callback())
 * @see RFC 8705 §2, §6.1
 */
export const socketCertificate: CertificateSource = (ctx) => {
  const { socket } = ctx.req;
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  // `authorized` alone means nothing: a resumed session of TLS 1.3 is authorized even if the client never presented a certificate
  return certificate && { certificate, isVerified: socket.authorized };
};

/** The SHA-256 of a certificate's DER, in base64url, by which tokens name the certificate that they are bound to. @see RFC 8705 §3.1 */
export function thumbprintOf({ raw }: { readonly raw: Uint8Array }): string {
  return hash('sha256', raw, 'base64url');
}

/**
 * Whether a certificate is within its validity. TLS compares that only when a session begins, which may be resumed long afterwards.
 *
 * @param now epoch seconds
 * @see RFC 5280 §4.1.2.5
 */
export function isCurrent({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now * 1000 && now * 1000 <= Date.parse(validTo); // both ends are included; a date that cannot be read gives NaN, and false
}
