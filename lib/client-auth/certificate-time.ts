/** Checks the validity period of the certificate by which a client authenticates. */
import type { X509Certificate } from 'node:crypto';
import { isCurrent } from '../certificate/certificate.js';
import { Reason } from '../errors/reason.js';
import { authenticationFailed } from './failure.js';

/** @param now epoch seconds. @throws TokenError `invalid_client` */
export function requireCurrent(certificate: X509Certificate, now: number, clientID: string): void {
  if (isCurrent(certificate, now)) return;
  const { validFrom: from, validTo: to } = certificate;
  throw authenticationFailed(new Reason(`The certificate of ${clientID} is not valid now`, { from, to, now }));
}
