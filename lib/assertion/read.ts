import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { claimsIn, type JWS, readJWS } from '../keys/jws.js';

/** An assertion whose signature nobody has verified yet. */
export interface UnverifiedAssertion {
  readonly jws: JWS;
  readonly header: ProtectedHeaderParameters & { readonly alg: string };
  readonly claims: JWTPayload;
}

/** Characters. An assertion with a chain of certificates in its header has far fewer. */
const MAX_ASSERTION_LENGTH = 16 * 1024;

/** Decodes a JWT without verifying it. @throws Error if the text is not a JWT, is too long, or is nested too deep */
export function readAssertion(text: string): UnverifiedAssertion {
  if (text.length > MAX_ASSERTION_LENGTH) throw new RangeError('It is too long');
  const jws = readJWS(text);
  const { alg } = jws.header;
  if (typeof alg !== 'string') throw new TypeError('It has no alg');
  return { jws, header: { ...jws.header, alg }, claims: claimsIn(jws) };
}
