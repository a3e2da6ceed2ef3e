/** Certificates of every kind, made on the spot: CAs, those that they issue, and self-signed ones. */
import { KeyObject, type webcrypto, X509Certificate } from 'node:crypto';
import 'reflect-metadata'; // @peculiar/x509 does not load without it
import type { JsonGeneralNames, JsonNameParams } from '@peculiar/x509';
import * as x509 from '@peculiar/x509';

/** A certificate with its private key, as `https` takes them, and as it is registered; for good or ill, it can issue others. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly certificate: X509Certificate;
  /** Base64 of the DER, as in `x5c`. */
  readonly x5c: string;
  issue(options?: CertificateOptions): Promise<Identity>;
}

export interface CertificateOptions {
  /** In the order of the certificate. */
  readonly subject?: string | JsonNameParams;
  readonly names?: JsonGeneralNames;
  /** The extension of alternative names, byte by byte. */
  readonly rawNames?: Buffer;
  readonly algorithm?: 'ECDSA' | 'RSA';
  readonly from?: Date;
  readonly to?: Date;
}

const ALGORITHMS = {
  ECDSA: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RSA: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
} as const;

const HOUR = 3_600_000;
const ALTERNATIVE_NAMES = '2.5.29.17';

let serial = 0;

interface Issuer {
  readonly subject: string;
  readonly key: webcrypto.CryptoKey;
}

function extensionsOf({ names, rawNames }: CertificateOptions, isCA: boolean) {
  return [
    new x509.BasicConstraintsExtension(isCA, undefined, true),
    ...(names ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ...(rawNames ? [new x509.Extension(ALTERNATIVE_NAMES, false, rawNames)] : []),
  ];
}

async function make(options: CertificateOptions, isCA: boolean, issuer?: Issuer): Promise<Identity> {
  const { subject = 'CN=client', algorithm = 'ECDSA' } = options;
  const alg = ALGORITHMS[algorithm];
  const keys = (await crypto.subtle.generateKey(alg, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const name = new x509.Name(subject as string);
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(4, '0'),
    subject: name,
    issuer: issuer?.subject ?? name,
    notBefore: options.from ?? new Date(Date.now() - HOUR),
    notAfter: options.to ?? new Date(Date.now() + HOUR),
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    signingAlgorithm: issuer ? ALGORITHMS.ECDSA : alg, // no other kind of key ever issues here
    extensions: extensionsOf(options, isCA),
  });
  const key = KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
  const raw = Buffer.from(made.rawData);
  const own = { subject: made.subject, key: keys.privateKey };
  return {
    cert: made.toString('pem'),
    key,
    certificate: new X509Certificate(raw),
    x5c: raw.toString('base64'),
    issue: (more = {}) => make(more, false, own),
  };
}

/** A CA of its own. */
export function makeCA(subject = 'CN=A CA'): Promise<Identity> {
  return make({ subject }, true);
}

/** A certificate that vouches for itself. */
export function selfSigned(options: CertificateOptions = {}): Promise<Identity> {
  return make(options, false);
}
