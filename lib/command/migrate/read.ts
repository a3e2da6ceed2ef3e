/** Reads a file of a project. The file may be of any kind and size. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** In bytes. Larger sources were generated. */
const LARGEST = 1024 * 1024;

/** The text of a file, or why it was not read. */
export type FileText = { readonly text: string } | { readonly why: string };

/** Reads at most `size` bytes, since the file may grow in the meantime. */
function readWhole(descriptor: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read)
    read = readSync(descriptor, bytes, length, size - length, length);
  return bytes.subarray(0, length);
}

function textOf(descriptor: number): FileText {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return { why: 'it is no file' };
  if (stats.size > LARGEST) return { why: `it has more than ${LARGEST} bytes` };
  const bytes = readWhole(descriptor, stats.size);
  if (bytes.includes(0)) return { why: 'it is binary: it has NUL bytes' };
  return { text: bytes.toString('utf8') };
}

/** Symbolic links are not followed, even if one replaced a file in the meantime. */
export function readText(path: string): FileText {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    return textOf(descriptor);
  } catch (error) {
    return { why: `it cannot be read (${Reflect.get(Object(error), 'code')})` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
