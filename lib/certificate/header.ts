/** Certificates that a TLS-terminating proxy of the application's own hands on. */
import { X509Certificate } from 'node:crypto';
import type { Context } from 'koa';
import { warnOnce } from '../errors/warning.js';
import type { CertificateSource } from './certificate.js';

export interface HeaderCertificateOptions {
  /** The header in which the proxy hands the certificate on. */
  readonly name: string;
  /**
   * Whether the proxy has verified the certificate, up to a CA that it trusts. Default: it has not, which is enough for
   * `self_signed_tls_client_auth` and for certificate-bound tokens, but not for `tls_client_auth`.
   */
  readonly isVerified?: (ctx: Context) => boolean;
}

/** Characters; more than any certificate of sense needs. */
const LONGEST = 32 * 1024;

/** What proxies send where there is no certificate. */
const NOTHING: ReadonlySet<string> = new Set(['', '(null)', '-']);

/** RFC 9440 §2.1: `:base64:`. Bare base64. PEM, whose line breaks may have become spaces or tabs. */
const FORMS: readonly RegExp[] = [
  /^:([\w+/]+={0,2}):$/,
  /^([\w+/]+={0,2})$/,
  /^-----BEGIN CERTIFICATE-----([\w+/=\s]+)-----END CERTIFICATE-----\s*$/,
];

function derOf(value: string): Buffer | undefined {
  const text = value.includes('%') ? decodeURIComponent(value) : value;
  const base64 = FORMS.map((form) => form.exec(text)?.[1]).find((found) => found !== undefined);
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function read(value: string): X509Certificate | undefined {
  try {
    const der = value.length > LONGEST ? undefined : derOf(value);
    const certificate = der && new X509Certificate(der);
    return certificate?.raw.equals(der ?? Buffer.alloc(0)) ? certificate : undefined; // DER, and nothing behind it
  } catch {
    return undefined;
  }
}

/**
 * The certificate that a proxy in front of this process has seen: as RFC 9440 has it, as URL-encoded PEM (nginx:
 * `$ssl_client_escaped_cert`), as PEM in one line (Apache, HAProxy) or as bare base64 (Traefik). What cannot be read is as if nothing
 * had been presented.
 *
 * The proxy MUST remove the header from whatever comes from outside, and this process must be reachable by way of the proxy alone: who
 * can send the header can be any client.
 *
 * @example
 * const certificate = headerCertificate({
 *   name: 'X-SSL-Client-Cert',
 *   isVerified: (ctx) => ctx.get('X-SSL-Client-Verify') === 'SUCCESS',
 * });
 * tlsClientAuth({ certificate });
 * @see RFC 8705 §6.5, RFC 9440
 */
export function headerCertificate({ name, isVerified = () => false }: HeaderCertificateOptions): CertificateSource {
  return (ctx) => {
    const value = ctx.get(name);
    if (NOTHING.has(value)) return undefined;
    const certificate = read(value);
    if (certificate) return { certificate, isVerified: isVerified(ctx) === true };
    warnOnce(
      'KOAUTHORIZE_CERTIFICATE_HEADER',
      `The header ${name} is no certificate that can be read, and counts as none`,
    );
    return undefined;
  };
}
