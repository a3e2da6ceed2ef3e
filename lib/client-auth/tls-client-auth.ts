import { type CertificateSource, socketCertificate } from '../certificate/certificate.js';
import { invalidMetadata } from '../clients/invalid-metadata.js';
import { epoch } from '../clock.js';
import { requireKnown } from '../options.js';
import { isUnproved } from '../token/client.js';
import type { Awaitable, Client } from '../types.js';
import { requireNamed, type TLSClientAuthMetadata, unreadableName } from './certificate-name.js';
import { requireCurrent } from './certificate-time.js';
import { authenticationFailed } from './failure.js';
import type { ClientAuthMethod } from './method.js';

export type { TLSClientAuthMetadata } from './certificate-name.js';

/** Options of `tlsClientAuth()`. */
export interface TLSClientAuthOptions<C> {
  /** Where the certificate comes from. Default: the connection itself. */
  readonly certificate?: CertificateSource;
  /** The name that a client registered. Default: the client's members `tls_client_auth_*`. */
  readonly metadata?: (client: C) => Awaitable<TLSClientAuthMetadata>;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/**
 * Clients with a certificate of a CA that the server trusts. Each client registers one name that its certificate has:
 * `tls_client_auth_subject_dn`, `tls_client_auth_san_dns`, `_uri`, `_ip` or `_email`. Every certificate of that CA with this name is accepted,
 * so that a client can renew its certificate. Names are compared exactly, without wildcards.
 *
 * @throws TypeError if the `certificate` source never reports a certificate as verified: no client could authenticate
 * @example tlsClientAuth()
 * @see RFC 8705 §2.1
 */
export function tlsClientAuth<C = Client>(options: TLSClientAuthOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<TLSClientAuthOptions<C>>(options, { certificate: true, metadata: true, now: true }, 'tlsClientAuth');
  const { certificate = socketCertificate, metadata = (client) => Object(client), now = epoch } = options;
  if (certificate.verifies === false)
    throw new TypeError('tlsClientAuth({ certificate }) would let nobody in: say headerCertificate({ isVerified })');
  return {
    name: 'tls_client_auth', // RFC 8705 §2.1.1
    // RFC 8705 §2: client_id is in the form. A request with other credentials uses another method
    identify: ({ ctx, params }) => (isUnproved(ctx, params) && certificate(ctx) ? [params.get('client_id') ?? ''] : []),
    async verify(client, { ctx, clientID }) {
      const presented = certificate(ctx);
      // §2.1: the chain is verified first: anyone can make a certificate with any name
      if (!presented?.isVerified)
        throw authenticationFailed(
          `The certificate of ${clientID} is not verified: no CA that is trusted here issued it, or isVerified of headerCertificate() says so`,
        );
      requireCurrent(presented.certificate, now(), clientID);
      requireNamed(presented.certificate, await metadata(client), clientID);
      return true;
    },
    judge(registered) {
      const member = unreadableName(registered); // §2.1.2
      if (member !== undefined) throw invalidMetadata(`${member} cannot be read`);
    },
  };
}
