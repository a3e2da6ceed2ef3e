/** `npm run docs`: writes the tables that are made from the sources. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../readme/pages.js';
import { root } from '../run.js';
import { withTables } from './tables.js';

for (const { path, markdown } of pages()) {
  const current = withTables(markdown);
  if (current === markdown) continue;
  writeFileSync(join(root, path), current);
  console.log(path);
}
