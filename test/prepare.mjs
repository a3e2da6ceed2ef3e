// Loaded before mocha, by test/register.mjs, and alone where tests are compiled (test/core).
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Where Node offers require(esm), mocha would require() the test files and tsx would turn them, and with them lib/, into
// CommonJS: a second copy of every module beside the one that import() finds. Without the feature mocha imports them.
Object.defineProperty(process.features, 'require_module', { value: false });

// A failing `assert.ok(value)` without a message makes Node look for the text of the call in the file. Node 20 parses the file again for each line that
// it adds, which no TypeScript satisfies: in a file of 800 lines the run stands still for minutes, and mocha's time limit cannot end it.
const { ok } = assert;
assert.ok = (value, message) => ok(value, message ?? (value ? undefined : `The value is ${String(value)}`));

// What could not be tested is said once, by the first process of the run: with `--parallel` the tests themselves run in others, which inherit the name of the file.
if (process.env.KOAUTHORIZE_NOT_TESTED === undefined) {
  const file = join(tmpdir(), `koauthorize-not-tested-${process.pid}`);
  rmSync(file, { force: true });
  process.env.KOAUTHORIZE_NOT_TESTED = file;
  process.once('exit', () => {
    try {
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      console.log(`NOT TESTED, since this machine lacks it: ${[...new Set(lines)].join(', ')}`);
      rmSync(file);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error; // no file: everything was tested
    }
  });
}
