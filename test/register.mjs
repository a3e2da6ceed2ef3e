// Loaded before mocha: tests and sources are TypeScript, and ES modules as they are for users.
import assert from 'node:assert/strict';
import { register } from 'tsx/esm/api';

register();

// Where Node offers require(esm), mocha would require() the test files and tsx would turn them, and with them lib/, into
// CommonJS: a second copy of every module beside the one that import() finds. Without the feature mocha imports them.
Object.defineProperty(process.features, 'require_module', { value: false });

// A failing `assert.ok(value)` without a message makes Node look for the text of the call in the file. Node 20 parses the file again for each line that
// it adds, which no TypeScript satisfies: in a file of 800 lines the run stands still for minutes, and mocha's time limit cannot end it.
const { ok } = assert;
assert.ok = (value, message) => ok(value, message ?? (value ? undefined : `The value is ${String(value)}`));
