/** Where a real server is missing, its tests are skipped, or fail. */
const missing = new Set<string>();

/**
 * Skips the suite of a store whose server is not on this machine; with `REQUIRE_STORES=1`, as `.ci/run` has it, fails instead.
 * When the process ends, one line tells of all of them.
 */
export function skipStore(suite: Mocha.Context, name: string): never {
  const message = `no server for ${name}`;
  if (process.env['REQUIRE_STORES']) throw new Error(`${message}, and REQUIRE_STORES is set`);
  if (missing.size === 0)
    process.once('exit', () => console.log(`NOT TESTED, for want of a server: ${[...missing].join(', ')}`));
  missing.add(name);
  return suite.skip();
}
