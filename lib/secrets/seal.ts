/**
 * Answers that are kept for whoever repeats the request: to a refresh token that was spent a moment ago, to a dialog that was
 * answered a moment ago. Only someone who has the token, or the dialog's ID, can read the answer; what keeps it has only a hash of
 * either.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { randomBuffer } from './random.js';

const CIPHER = 'aes-256-gcm';
const IV = 12;
const TAG = 16;

/** The secret has 128 random bits or more, so a hash of it, other than the one that is stored, is a key. */
function keyOf(secret: string): Buffer {
  return hash('sha256', `seal:${secret}`, 'buffer');
}

export function seal(value: unknown, secret: string): string {
  const iv = randomBuffer(IV);
  const cipher = createCipheriv(CIPHER, keyOf(secret), iv, { authTagLength: TAG });
  const sealed = [cipher.update(JSON.stringify(value), 'utf8'), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]).toString('base64url');
}

/** @throws Error when it was not sealed with this secret */
export function unseal(sealed: string, secret: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, IV), { authTagLength: TAG });
  decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
  const opened = [decipher.update(bytes.subarray(IV + TAG)), decipher.final()];
  return JSON.parse(Buffer.concat(opened).toString('utf8'));
}
