/** JWS in compact form, the form of every JWT that this server makes or verifies. @see RFC 7515 §3.1, §7.1 */
import { isUtf8 } from 'node:buffer';
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { debugAbout } from '../errors/debug.js';
import { parseJSON } from '../http/depth.js';
import { isSignatureOf } from './signature.js';

const debug = debugAbout('keys');

/** A JWS that was decoded, and not verified. */
export interface JWS {
  readonly header: ProtectedHeaderParameters;
  /** The text that is signed: the header and the payload as they were sent. @see RFC 7515 §5.2 */
  readonly input: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** The most characters. Far more than any JWT needs; callers that accept JWTs from strangers have lower limits. */
const LONGEST = 64 * 1024;

/** RFC 7515 §2: base64url without padding and without other characters, so that each value has exactly one text. */
function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new SyntaxError('It is not in base64url');
  return bytes;
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw new SyntaxError('It is not in UTF-8'); // RFC 7519 §7.2 items 3 and 10
  const value = parseJSON(bytes.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('It is not a JSON object');
  return value as Record<string, unknown>;
}

/** RFC 7515 §4.1.11, RFC 7797 §6: a JWS with an extension that must be understood is refused: none is supported. @throws SyntaxError */
function requireUnextended(header: object): void {
  if ('crit' in header || 'b64' in header) throw new SyntaxError('crit names what is not understood, or b64 is there');
}

/** The header of a JWS from its text. @throws Error for a malformed header, and for one with unsupported extensions */
export function headerFrom(text: string): ProtectedHeaderParameters {
  const parsed = parseObject(decode(text));
  requireUnextended(parsed);
  return parsed;
}

/**
 * Decodes a JWS without verifying it.
 *
 * @param readHeader gives the header for its text: for callers that have decoded the header before
 * @throws Error for a text that is not a JWS in compact form, or is too long, and for a JWS with unsupported extensions
 */
export function readJWS(text: string, readHeader = headerFrom): JWS {
  if (text.length > LONGEST) throw new RangeError('It is too long');
  const [header = '', payload = '', signature, more] = text.split('.', 4);
  if (signature === undefined || more !== undefined) throw new SyntaxError('It does not have three parts');
  const input = `${header}.${payload}`;
  return { header: readHeader(header), input, payload: decode(payload), signature: decode(signature) };
}

/** The claims of a JWT, verified or not. @throws Error for a payload that is not a JSON object, or is nested too deep */
export function claimsIn({ payload }: Pick<JWS, 'payload'>): JWTPayload {
  return parseObject(payload);
}

/**
 * Whether a key has signed a JWS with an algorithm. False for a key that is not for this algorithm.
 *
 * @param alg the algorithm that the verifier accepts, or that the key is for: never one that only the header names. @see RFC 8725 §3.1
 */
export async function isSignedBy({ header, input, signature }: JWS, key: unknown, alg: string): Promise<boolean> {
  if (header.alg !== alg) return false;
  try {
    return await isSignatureOf(alg, key, Buffer.from(input), signature);
  } catch (error) {
    debug('a key cannot verify by %s: %s', alg, error);
    return false;
  }
}
