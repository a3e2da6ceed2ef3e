/** Where a real server is missing, its tests are skipped, or fail. */
import { noteNotTested } from './not-tested.js';

/**
 * Skips the suite of a server that is not on this machine, such as that of a store, or nginx; with `REQUIRE_STORES=1`, as `.ci/run` has it, fails instead.
 * When the run ends, one line tells of all of them.
 */
export function skipStore(suite: Mocha.Context, name: string): never {
  if (process.env['REQUIRE_STORES']) throw new Error(`no server for ${name}, and REQUIRE_STORES is set`);
  noteNotTested(name);
  return suite.skip();
}
