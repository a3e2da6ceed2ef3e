/** Reads what `npm pack` writes. @see POSIX.1-2017, pax: the ustar interchange format */
import { gunzipSync } from 'node:zlib';

const BLOCK = 512;
const REGULAR = '0';

function field(header: Buffer, from: number, length: number): string {
  return header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
}

/**
 * The files of a tarball in memory.
 *
 * @throws Error when it holds anything but regular files: a link, a device, a directory
 */
export function filesOf(tarball: Buffer): { readonly name: string; readonly data: Uint8Array }[] {
  const bytes = gunzipSync(tarball);
  const files: { name: string; data: Uint8Array }[] = [];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const header = bytes.subarray(at, at + BLOCK);
    const name = [field(header, 345, 155), field(header, 0, 100)].filter(Boolean).join('/');
    const type = field(header, 156, 1);
    if (type !== REGULAR) throw new Error(`${name} is no regular file, but of type ${type}`);
    const size = Number.parseInt(field(header, 124, 12), 8);
    files.push({ name, data: bytes.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
