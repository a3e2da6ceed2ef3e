/** Shows keys. */
import { publicPart } from '../../keys/public-jwk.js';
import { inColumns } from '../../testing/columns.js';
import type { FileKey, KeyFile } from './file.js';

const day = (seconds: number | undefined): string =>
  seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace(/\.\d+/, '');

const line = (key: FileKey, state: string): readonly string[] => [key.kid, key.alg, state, day(key.iat), day(key.exp)];

/** A table of the keys. */
export function tableOf({ signing, published }: KeyFile): string {
  const rows = [
    ['kid', 'alg', 'state', 'made', 'needed until'],
    ...signing.map((key) => line(key, 'signs')),
    ...published.map((key) => line(key, key.d === undefined ? 'has signed' : 'will sign')),
  ];
  return inColumns(rows);
}

/** The public key set. @see RFC 7517 §5 */
export const publicKeys = ({ signing, published }: KeyFile) => ({
  keys: [...signing, ...published].map((key) => publicPart(key)),
});
