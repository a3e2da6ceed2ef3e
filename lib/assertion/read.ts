import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';

/** An assertion whose signature nobody has verified yet. */
export interface UnverifiedAssertion {
  readonly text: string;
  readonly header: ProtectedHeaderParameters & { readonly alg: string };
  readonly claims: JWTPayload;
}

/** Characters. An assertion with a chain of certificates in its header has far fewer. */
const MAX_ASSERTION_LENGTH = 16 * 1024;

/** Takes a JWT apart, before anything of it is believed. @throws Error if it is none, or is too long */
export function readAssertion(text: string): UnverifiedAssertion {
  if (text.length > MAX_ASSERTION_LENGTH) throw new RangeError('It is too long');
  const [header, claims] = [decodeProtectedHeader(text), decodeJwt(text)];
  const { alg } = header;
  if (typeof alg !== 'string') throw new TypeError('It has no alg');
  return { text, header: { ...header, alg }, claims };
}
