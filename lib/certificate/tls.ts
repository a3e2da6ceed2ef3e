/** Options of TLS for a process that terminates TLS itself. */
import type { ServerOptions } from 'node:https';
import { requireKnown } from '../options.js';

/** Options of `tlsOptions()`. */
export interface TLSOptions {
  /**
   * The certificate authorities (CAs) that may issue the clients' certificates: in PEM, one or several, or an empty list if all clients have self-signed ones.
   * If it is set, every client is asked for a certificate, and a connection without one is accepted: `tlsClientAuth()`, `certificateBoundTokens()` and
   * `bearer()` judge the certificate. Default: no client is asked.
   */
  readonly clientCA?: string | Buffer | readonly (string | Buffer)[];
}

/** The cipher suites of TLS 1.3: all that Node supports. RFC 8446 §9.1, to which RFC 9325 §4.3 refers */
const OF_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] as const;

/**
 * The cipher suites of TLS 1.2: only those that RFC 9325 §4.2 (BCP 195) recommends. Node's default list also has suites with CBC and without forward secrecy.
 */
const OF_1_2 = [
  ...(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'] as const),
  ...(['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'] as const),
] as const;

/**
 * Options of `https.createServer` that FAPI 2.0 requires: TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM. If a proxy terminates TLS, configure the proxy in
 * the same way.
 *
 * @throws TypeError for options that are not known
 * @example https.createServer({ key, cert, ...tlsOptions({ clientCA: await readFile('clients-ca.pem') }) }, app.callback())
 * @see FAPI 2.0 Security Profile §5.2.1, §5.2.2, RFC 9325 §4.2, RFC 8705 §2
 */
export function tlsOptions(options: TLSOptions = {}): ServerOptions {
  requireKnown<TLSOptions>(options, { clientCA: true }, 'tlsOptions');
  const { clientCA } = options;
  return {
    minVersion: 'TLSv1.2',
    ciphers: [...OF_1_3, ...OF_1_2].join(':'),
    ...(clientCA !== undefined && { requestCert: true, rejectUnauthorized: false, ca: [clientCA].flat() }),
  };
}
