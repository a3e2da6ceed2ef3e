/** Signatures that are made elsewhere: in a key management service, or a hardware security module. */
import { readElements, readOnly } from '../certificate/der.js';
import type { SigningKey } from '../plugs.js';

/**
 * A key management service failed to sign. The `cause` says why. No token was issued, and no code or refresh token was spent.
 *
 * @example app.on('error', (error) => { if (error instanceof SignerUnavailableError) log.warn(error.message, error.cause); })
 */
export class SignerUnavailableError extends Error {
  override name = 'SignerUnavailableError';
  /** The HTTP status of the answer: the client may send the same request again. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter = 1;
}

/** The most seconds to wait for a signature. */
const TIMEOUT = 5;

/** The bytes of each of the two numbers of an ECDSA signature. @see RFC 7518 §3.4 */
const ECDSA: ReadonlyMap<string, number> = new Map([
  ['ES256', 32],
  ['ES384', 48],
  ['ES512', 66],
]);

/** A number of DER, padded to a length in bytes. @throws RangeError if it is longer */
function padded(content: Buffer, bytes: number): Buffer {
  const digits = content.subarray(content.findIndex((byte) => byte !== 0));
  if (digits.length > bytes) throw new RangeError('A number of the signature is too long for its algorithm');
  return Buffer.concat([Buffer.alloc(bytes - digits.length), digits]);
}

/**
 * A signature in the form of JWS. Key management services give ECDSA signatures as ASN.1 (RFC 3279 §2.2.3); JWS has the concatenation of the two
 * numbers (RFC 7518 §3.4).
 *
 * @throws RangeError for a signature in neither form
 */
export function joseSignature(alg: string, signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature);
  const size = ECDSA.get(alg);
  if (size === undefined || bytes.length === 2 * size) return bytes;
  const [r, s, another] = readElements(readOnly(bytes).content);
  if (!r || !s || another) throw new RangeError('Not an ECDSA signature');
  return Buffer.concat([padded(r.content, size), padded(s.content, size)]);
}

/** Waits for a signature. @throws Error after 5 seconds */
async function inTime(sign: NonNullable<SigningKey['sign']>, data: Uint8Array): Promise<Uint8Array> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`The signer did not answer within ${TIMEOUT} s`);
      giveUp.abort(error);
      reject(error);
    }, TIMEOUT * 1000);
  });
  try {
    return await Promise.race([sign(data, { signal: giveUp.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Signs with a key that is elsewhere.
 *
 * @throws SignerUnavailableError if the signer fails, takes too long, or gives something that is not a signature
 */
export async function externalSignature({ alg, sign }: SigningKey, data: Uint8Array): Promise<Buffer> {
  if (!sign) throw new TypeError('The key has no function that signs');
  try {
    return joseSignature(alg, await inTime(sign, data));
  } catch (cause) {
    throw new SignerUnavailableError('The signer failed', { cause });
  }
}
