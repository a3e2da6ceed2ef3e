/** RFC 8705 §3: access tokens that are bound to the client's certificate, the API's side. */
import { requireKnown } from '../../options.js';
import './confirmation.js';
import type { Proof } from '../../access-token.js';
import { type CertificateSource, socketCertificate, thumbprintOf } from '../../certificate/certificate.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import { BEARER } from '../../syntax/token-type.js';

/** Options of `certificateProof()`. */
export interface CertificateProofOptions {
  /** Where the client's certificate comes from. Default: the connection itself. */
  readonly certificate?: CertificateSource;
}

/**
 * Accepts a token that is bound to a certificate only with that certificate, on a connection whose client has proved that it has the private key. `bearer` does
 * this by default, for the certificate of the connection.
 *
 * @example bearer({ verify, proofs: [certificateProof({ certificate: headerCertificate({ name: 'X-Client-Cert' }) })] })
 * @see RFC 8705 §3
 */
export function certificateProof(options: CertificateProofOptions = {}): Proof {
  requireKnown<CertificateProofOptions>(options, { certificate: true }, 'certificateProof');
  const { certificate = socketCertificate } = options;
  return {
    scheme: BEARER, // RFC 8705 §3: with mutual TLS, tokens are still sent as bearer tokens
    member: 'x5t#S256',
    prove(ctx, _token, expected) {
      const presented = certificate(ctx);
      return presented !== undefined && equalInConstantTime(thumbprintOf(presented.certificate), expected);
    },
  };
}
