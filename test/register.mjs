// Loaded before mocha: tests and sources are TypeScript, and ES modules as they are for users.
import { register } from 'tsx/esm/api';

register();

// Where Node offers require(esm), mocha would require() the test files and tsx would turn them, and with them lib/, into
// CommonJS: a second copy of every module beside the one that import() finds. Without the feature mocha imports them.
Object.defineProperty(process.features, 'require_module', { value: false });
