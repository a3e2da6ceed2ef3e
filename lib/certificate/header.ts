/** Client certificates in a header: the application's proxy terminates TLS and passes the certificate on. */
import { X509Certificate } from 'node:crypto';
import type { Context } from 'koa';
import { warnOnce } from '../errors/warning.js';
import { requireKnown } from '../options.js';
import type { CertificateSource } from './certificate.js';

/** Options of `headerCertificate()`. */
export interface HeaderCertificateOptions {
  /** The header in which the proxy passes the certificate on. */
  readonly name: string;
  /**
   * Whether the proxy has verified the certificate, up to a CA that it trusts. Default: it has not, which is enough for
   * `self_signed_tls_client_auth` and for certificate-bound tokens, but not for `tls_client_auth`.
   */
  readonly isVerified?: (ctx: Context) => boolean;
}

/** In characters. Certificates in use are shorter. */
const LONGEST_HEADER = 32 * 1024;

/** Values that proxies send if the client presented no certificate. */
const NOTHING: ReadonlySet<string> = new Set(['', '(null)', '-']);

/**
 * The forms in use: `:base64:` of RFC 9440 §2.1; base64 alone, after which Traefik appends the intermediate certificates that the client sent; PEM, whose line
 * breaks may have become spaces or tabs. Several headers of one name, whose values Node joins by a comma and a space, have none of these forms.
 */
const FORMS: readonly RegExp[] = [
  /^:([\w+/]+={0,2}):$/,
  /^([\w+/]+={0,2})(?:,[\w+/]+={0,2})*$/,
  /^-----BEGIN CERTIFICATE-----([\w+/=\s]+)-----END CERTIFICATE-----\s*$/,
];

function derOf(value: string): Buffer | undefined {
  const text = value.includes('%') ? decodeURIComponent(value) : value;
  const base64 = FORMS.map((form) => form.exec(text)?.[1]).find((found) => found !== undefined);
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function read(value: string): X509Certificate | undefined {
  try {
    const der = value.length > LONGEST_HEADER ? undefined : derOf(value);
    const certificate = der && new X509Certificate(der);
    return certificate?.raw.equals(der ?? Buffer.alloc(0)) ? certificate : undefined; // the header had DER, and nothing after it
  } catch {
    return undefined;
  }
}

/**
 * The certificate that the client presented to a proxy in front of this process, which passes it on in a header: in the form of RFC 9440, as
 * URL-encoded PEM (nginx: `$ssl_client_escaped_cert`), as PEM in one line (Apache, HAProxy) or as base64 alone
 * (Traefik, whose first certificate counts, if commas separate several). A header that cannot be
 * read counts as no certificate.
 *
 * The proxy MUST remove the header from every request that it receives, and this process MUST be reachable through the proxy only: whoever can send
 * the header can pass for any client.
 *
 * @example
 * const certificate = headerCertificate({
 *   name: 'X-SSL-Client-Cert',
 *   isVerified: (ctx) => ctx.get('X-SSL-Client-Verify') === 'SUCCESS',
 * });
 * tlsClientAuth({ certificate });
 * @see RFC 8705 §6.5, RFC 9440
 */
export function headerCertificate(options: HeaderCertificateOptions): CertificateSource {
  requireKnown<HeaderCertificateOptions>(options, { name: true, isVerified: true }, 'headerCertificate');
  const { name, isVerified } = options;
  const source: CertificateSource = (ctx) => {
    const value = ctx.get(name);
    if (NOTHING.has(value)) return undefined;
    const certificate = read(value);
    if (certificate) return { certificate, isVerified: isVerified?.(ctx) === true };
    warnOnce(
      'KOAUTHORIZE_CERTIFICATE_HEADER',
      `The header ${name} has a certificate that cannot be read, and counts as none`,
    );
    return undefined;
  };
  return isVerified ? source : Object.assign(source, { verifies: false as const });
}
