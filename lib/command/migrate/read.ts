/** Reads a file of a project, which may be anything. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** In bytes. A source that is larger was made by a program. */
const LARGEST = 1024 * 1024;

/** The text of a file, or why it was not read. */
export type FileText = { readonly text: string } | { readonly why: string };

/** Files grow while they are read: no more than was measured is taken. */
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

/** A symbolic link is not followed, also where it took the place of a file a moment ago. */
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
