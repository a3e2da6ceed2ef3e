/** New keys. */
import { generateSigningKey } from '../../keys/key-set.js';
import { identified, type SigningAlgorithm } from '../../keys/loaded-key.js';
import type { FileKey } from './file.js';

/** @param now epoch seconds */
export async function newKey(alg: SigningAlgorithm, now: number): Promise<FileKey> {
  return { ...identified(await generateSigningKey(alg)), iat: now };
}
