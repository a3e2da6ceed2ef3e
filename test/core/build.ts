/** Compiles lib/ and the core of the tests to JavaScript below test/output/core, with a configuration for mocha: any Node runs them, without a compiler. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../compile.js';
import { root } from '../run.js';
import { coreFiles } from './files.js';

const place = join(root, 'test', 'output', 'core');
const files = coreFiles();
const configuration = {
  import: './test/prepare.mjs',
  timeout: 30_000,
  spec: files.map((file) => `test/output/core/${file.replace(/\.ts$/, '.js')}`),
};

await compile(place, files);
writeFileSync(join(place, '.mocharc.json'), JSON.stringify(configuration));
console.log(`${files.length} files of tests are compiled`);
