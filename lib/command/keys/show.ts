/** What is told of keys. */
import { publicPart } from '../../keys/public-jwk.js';
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
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The document that others may see. @see RFC 7517 §5 */
export const publicKeys = ({ signing, published }: KeyFile) => ({
  keys: [...signing, ...published].map((key) => publicPart(key)),
});
