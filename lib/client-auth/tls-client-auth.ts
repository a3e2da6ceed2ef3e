import type { X509Certificate } from 'node:crypto';
import { type CertificateSource, isCurrent, socketCertificate } from '../certificate/certificate.js';
import { parseName } from '../certificate/distinguished-name.js';
import { hasAlternativeName, subjectOf } from '../certificate/names.js';
import { epoch } from '../clock.js';
import { warnOnce } from '../errors/warning.js';
import { requireKnown } from '../options.js';
import { isUnproved } from '../token/client.js';
import type { Awaitable, Client } from '../types.js';
import type { ClientAuthMethod } from './method.js';

/** The name that a client's certificate must have: a client registers exactly one of these members. @see RFC 8705 §2.1.2 */
export interface TLSClientAuthMetadata {
  /** In the text form of RFC 4514, the most specific part first: `CN=client,O=Example,C=DE`. */
  readonly tls_client_auth_subject_dn?: string | undefined;
  readonly tls_client_auth_san_dns?: string | undefined;
  readonly tls_client_auth_san_uri?: string | undefined;
  readonly tls_client_auth_san_ip?: string | undefined;
  readonly tls_client_auth_san_email?: string | undefined;
}

/** Options of `tlsClientAuth()`. */
export interface TLSClientAuthOptions<C> {
  /** Where the certificate comes from. Default: the connection itself. */
  readonly certificate?: CertificateSource;
  /** The name that a client registered. Default: the client's members `tls_client_auth_*`. */
  readonly metadata?: (client: C) => Awaitable<TLSClientAuthMetadata>;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

type Compare = (certificate: X509Certificate, registered: string) => boolean;

function hasSubject(certificate: X509Certificate, registered: string): boolean {
  const name = parseName(registered);
  return name !== undefined && name === subjectOf(certificate);
}

const COMPARE: Readonly<Record<keyof TLSClientAuthMetadata, Compare>> = {
  tls_client_auth_subject_dn: hasSubject,
  tls_client_auth_san_dns: (certificate, name) => hasAlternativeName(certificate, 'dns', name),
  tls_client_auth_san_uri: (certificate, uri) => hasAlternativeName(certificate, 'uri', uri),
  tls_client_auth_san_ip: (certificate, address) => hasAlternativeName(certificate, 'ip', address),
  tls_client_auth_san_email: (certificate, address) => hasAlternativeName(certificate, 'email', address),
};

/** RFC 8705 §2.1.2: a client registers exactly one name. With none, or with several, no certificate is accepted. */
function isNamedBy(certificate: X509Certificate, metadata: TLSClientAuthMetadata): boolean {
  const registered = Object.entries(COMPARE).flatMap(([member, compare]) => {
    const value: unknown = Reflect.get(metadata, member);
    return value === undefined || value === null || value === '' ? [] : [{ compare, value }];
  });
  const [only, another] = registered;
  if (another) {
    warnOnce(
      'KOAUTHORIZE_CERTIFICATE_NAMES',
      'A client registered several tls_client_auth_* names: RFC 8705 §2.1.2 has one, and tls_client_auth refuses it.',
    );
    return false;
  }
  return only !== undefined && typeof only.value === 'string' && only.compare(certificate, only.value);
}

/**
 * Clients with a certificate of a CA that the server trusts. Each client registers one name that its certificate has:
 * `tls_client_auth_subject_dn`, `tls_client_auth_san_dns`, `_uri`, `_ip` or `_email`. Every certificate of that CA with this name is accepted,
 * so that a client can renew its certificate. Names are compared exactly, without wildcards.
 *
 * @example tlsClientAuth()
 * @see RFC 8705 §2.1
 */
export function tlsClientAuth<C = Client>(options: TLSClientAuthOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<TLSClientAuthOptions<C>>(options, { certificate: true, metadata: true, now: true }, 'tlsClientAuth');
  const { certificate = socketCertificate, metadata = (client) => Object(client), now = epoch } = options;
  return {
    name: 'tls_client_auth', // RFC 8705 §2.1.1
    // RFC 8705 §2: client_id is in the form. A request with other credentials uses another method
    identify: ({ ctx, params }) => (isUnproved(ctx, params) && certificate(ctx) ? [params.get('client_id') ?? ''] : []),
    async verify(client, { ctx }) {
      const presented = certificate(ctx);
      // §2.1: the chain is verified first: anyone can make a certificate with any name
      if (!presented?.isVerified || !isCurrent(presented.certificate, now())) return false;
      return isNamedBy(presented.certificate, await metadata(client));
    },
  };
}
