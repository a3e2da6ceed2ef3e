/** `npm run release:check`, which `npm publish` runs first: says why this tree must not be published, and ends with 1. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../readme/pages.js';
import { withTables } from '../reference/tables.js';
import { root } from '../run.js';
import { refusalsOf } from './refusals.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const refusals = refusalsOf({
  manifest: JSON.parse(read('package.json')),
  locked: JSON.parse(read('package-lock.json')).version,
  changelog: read('CHANGELOG.md'),
  status: execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }),
  stale: pages().flatMap(({ path, markdown }) => (withTables(markdown) === markdown ? [] : [path])),
});
for (const refusal of refusals) console.error(`not published: ${refusal}`);
process.exitCode = refusals.length > 0 ? 1 : 0;
