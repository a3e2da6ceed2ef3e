import type { Context } from 'koa';
import { type CertificateSource, thumbprintOf } from '../certificate/certificate.js';
import { equalInConstantTime } from '../secrets/constant-time.js';
import type { AccessToken } from './access-token.js';

/**
 * Whether the request proves to have the key that its token is bound to, if it is to one. What cannot be checked here is not proved: RFC
 * 9449 §7.2.
 *
 * @see RFC 8705 §3
 */
export function isConfirmed({ confirmation }: AccessToken, ctx: Context, certificate: CertificateSource): boolean {
  if (confirmation === undefined) return true;
  const { 'x5t#S256': expected, ...others } = confirmation ?? {}; // null is no key, and no proof
  if (typeof expected !== 'string' || Object.keys(others).length > 0) return false;
  const presented = certificate(ctx);
  return presented !== undefined && equalInConstantTime(thumbprintOf(presented.certificate), expected);
}
