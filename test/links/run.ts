/** `npm run links`: asks the network for every link of README.md, docs/ and the doc comments that leads to another site. Ends with 1 where one leads nowhere. No test does this. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../readme/pages.js';
import { root } from '../run.js';
import { deadAddresses, linksOfPage, linksOfSource } from './external.js';

const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const addresses = new Set([
  ...pages().flatMap(({ markdown }) => linksOfPage(markdown)),
  ...sources.flatMap((name) => linksOfSource(readFileSync(join(root, 'lib', name), 'utf8'))),
]);
const dead = await deadAddresses(addresses, fetch);
for (const line of dead) console.error(line);
console.log(`${addresses.size} links, ${dead.length} of their pages or places are not there`);
process.exitCode = dead.length === 0 ? 0 : 1;
