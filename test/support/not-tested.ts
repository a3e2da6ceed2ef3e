/** What could not be tested on this machine, in one line at the end of the run, whichever process met it. */
import { appendFileSync } from 'node:fs';

/** The file in which all processes of a run write it: test/register.mjs names it, and prints the line. */
const FILE = 'KOAUTHORIZE_NOT_TESTED';

export function noteNotTested(what: string): void {
  const file = process.env[FILE];
  if (file === undefined) throw new Error(`Nothing prints what was not tested: test/register.mjs sets ${FILE}`);
  appendFileSync(file, `${what}\n`);
}
