import type { X509Certificate } from 'node:crypto';
import { type CertificateSource, socketCertificate, thumbprintOf } from '../certificate/certificate.js';
import { epoch } from '../clock.js';
import { Reason } from '../errors/reason.js';
import { relaxationsOf } from '../findings.js';
import { CLIENT_KEYS_OPTIONS, type ClientKeysOptions, clientKeys } from '../keys/client-keys.js';
import { FETCH_RELAXATIONS } from '../keys/fetch-jwks.js';
import { requireKnown } from '../options.js';
import { isUnproved } from '../token/client.js';
import type { Client } from '../types.js';
import { requireCurrent } from './certificate-time.js';
import { authenticationFailed } from './failure.js';
import type { ClientAuthMethod } from './method.js';

/** Options of `selfSignedTlsClientAuth()`. */
export interface SelfSignedTLSClientAuthOptions<C = Client> extends ClientKeysOptions<C> {
  /** Where the certificate comes from. Default: the connection itself. */
  readonly certificate?: CertificateSource;
}

/** The certificates in a key set. Members that cannot be read are left out. The first of `x5c` belongs to the key. @see RFC 7517 §4.7 */
function certificatesIn(set: object): readonly Buffer[] {
  const keys: unknown = Reflect.get(set, 'keys');
  return (Array.isArray(keys) ? keys : []).flatMap((key) => {
    const chain: unknown = Reflect.get(Object(key), 'x5c');
    const own: unknown = Array.isArray(chain) ? chain[0] : undefined;
    return typeof own === 'string' ? [Buffer.from(own, 'base64')] : [];
  });
}

/** The operator's reason for refusing a certificate that the client did not register. */
function notAmong(registered: readonly Buffer[], presented: X509Certificate, clientID: string): Reason {
  if (registered.length === 0) return new Reason(`${clientID} registered no certificate in x5c of its keys`);
  return new Reason(`The certificate of ${clientID} is none that it registered`, {
    came: thumbprintOf(presented),
    registered: registered.map((raw) => thumbprintOf({ raw })),
  });
}

/**
 * Clients with a self-signed certificate, which they registered in `x5c` of a key in their `jwks` or `jwks_uri`. The presented certificate must
 * be the registered one, byte for byte; its issuer and its names do not matter.
 *
 * @throws TypeError for an invalid `fetchTimeout`; at the request `temporarily_unavailable` (503) if a `jwks_uri` cannot be fetched
 * @example selfSignedTlsClientAuth()
 * @see RFC 8705 §2.2
 */
export function selfSignedTlsClientAuth<C = Client>(
  options: SelfSignedTLSClientAuthOptions<C> = {},
): ClientAuthMethod<C> {
  const known = { ...CLIENT_KEYS_OPTIONS, certificate: true } as const;
  requireKnown<SelfSignedTLSClientAuthOptions<C>>(options, known, 'selfSignedTlsClientAuth');
  const { certificate = socketCertificate, now = epoch } = options;
  const lookUp = clientKeys(options);
  return {
    name: 'self_signed_tls_client_auth', // RFC 8705 §2.2.1
    findings: () => relaxationsOf('selfSignedTlsClientAuth', options, FETCH_RELAXATIONS),
    // RFC 8705 §2: client_id is in the form. A request with other credentials uses another method
    identify: ({ ctx, params }) => (isUnproved(ctx, params) && certificate(ctx) ? [params.get('client_id') ?? ''] : []),
    async verify(client, { ctx, clientID }) {
      const presented = certificate(ctx)?.certificate;
      if (!presented) return false;
      requireCurrent(presented, now(), clientID);
      // §2.2: matches one of the certificates registered for that client
      const registered = certificatesIn((await lookUp(client, (keys) => keys.jwks())) ?? {});
      if (registered.some((der) => der.equals(presented.raw))) return true;
      throw authenticationFailed(notAmong(registered, presented, clientID));
    },
  };
}
