/** The certificate by which a client is known at the TLS layer. */
import { hash, type X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Context } from 'koa';

/** A certificate whose private key the other end has proved to have. */
export interface PresentedCertificate {
  readonly certificate: X509Certificate;
  /** Whether the TLS layer has also verified it, up to a CA that the server trusts. */
  readonly isVerified: boolean;
}

/** Where the client's certificate comes from; undefined where none was presented. */
export type CertificateSource = (ctx: Context) => PresentedCertificate | undefined;

/**
 * The certificate of the connection itself, where this process is the one that speaks TLS. The server asks for certificates with
 * `requestCert: true`, lets those clients in that have none with `rejectUnauthorized: false`, and says with `ca` whom it trusts: left
 * out, Node trusts every public CA.
 *
 * @example https.createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, app.callback())
 * @see RFC 8705 §2, §6.1
 */
export const socketCertificate: CertificateSource = (ctx) => {
  const { socket } = ctx.req;
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  // A resumed session of TLS 1.3 is `authorized` even if there never was a certificate: that alone means nothing.
  return certificate && { certificate, isVerified: socket.authorized };
};

/** What names a certificate in tokens that are bound to it: the SHA-256 of its DER, in base64url. @see RFC 8705 §3.1 */
export function thumbprintOf({ raw }: X509Certificate): string {
  return hash('sha256', raw, 'base64url');
}

/**
 * Whether a certificate is within its time. A TLS session may be resumed long after its certificate was looked at.
 *
 * @param now epoch seconds
 * @see RFC 5280 §4.1.2.5
 */
export function isCurrent({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now * 1000 && now * 1000 <= Date.parse(validTo); // both inclusive; NaN is neither
}
