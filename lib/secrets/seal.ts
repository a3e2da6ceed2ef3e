/**
 * Encrypts responses that are kept for a repeated request: for a refresh token that was spent, or a dialog that was answered, a moment ago.
 * The key is derived from the refresh token or the dialog's ID. Stores keep only a hash of these, so a stolen store cannot be decrypted.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { writeRandom } from './random.js';

const CIPHER = 'aes-256-gcm';
const IV = 12;
const TAG = 16;

/** A hash suffices to derive a key, since the secret has at least 128 random bits. The prefix makes it differ from the hash that is stored. */
function keyOf(secret: string): Buffer {
  return hash('sha256', `seal:${secret}`, 'buffer');
}

export function seal(value: unknown, secret: string): string {
  const iv = Buffer.alloc(IV);
  writeRandom(iv, 0, IV);
  const cipher = createCipheriv(CIPHER, keyOf(secret), iv, { authTagLength: TAG });
  const sealed = cipher.update(JSON.stringify(value), 'utf8');
  cipher.final(); // gives no bytes in GCM, but computes the tag
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws Error if the value was sealed with another secret, or changed */
export function unseal(sealed: string, secret: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, IV), { authTagLength: TAG });
  decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
  const opened = [decipher.update(bytes.subarray(IV + TAG)), decipher.final()];
  return JSON.parse(Buffer.concat(opened).toString('utf8'));
}
