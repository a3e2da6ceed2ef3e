/** A file that a command writes at its end. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { UsageError } from './command.js';

/**
 * Checks that a file can be written, before the work begins, which can take minutes. The content of the file stays unchanged until then.
 *
 * @returns a function that writes the file
 * @throws UsageError if it cannot be written
 */
export function fileToWrite(path: string): (text: string) => void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return (text) => writeFileSync(path, text);
}
