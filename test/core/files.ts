/** The core of the tests: what needs no process, no database, no browser and no file of the repository, so that it runs compiled, on any Node. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { root } from '../run.js';

/** Folders of test/ whose tests are short. */
const FOLDERS: readonly string[] = [
  ...['client-auth', 'errors', 'exchange', 'http', 'keys', 'middleware', 'parity', 'plugs', 'profile', 'proof'],
  ...['resource-server', 'response-mode', 'spec', 'token-service', 'transaction'],
];

/** What a test of the core, and whatever it imports, does not use. */
const FOREIGN =
  /\bimport\.meta\b|'node:(?:child_process|worker_threads|cluster)'|'pg'|'redis'|'playwright-core'|\/examples\/|\/run\.js'/;

/** Thousands of inputs at random: they say nothing of the Node that they run on. */
const isLong = (file: string): boolean => file.endsWith('/fuzz.test.ts');

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What a file imports from test/, as the imports name it: in JavaScript. */
function importsOf(file: string, text: string): readonly string[] {
  const names = [...text.matchAll(/(?:from|import|import\() *'(\.[^']+)'/g)].map(([, name = '']) => name);
  return names.map((name) => join(dirname(file), name)).filter((each) => each.startsWith('test/'));
}

/** JavaScript that is in the repository as such: the compiler leaves it where it is. */
const isNotCompiled = (file: string): boolean => existsSync(join(root, file));

/** Whether a test, and what it imports from test/, use nothing foreign. @param seen what was found to use nothing, or is being looked at */
export function isOfCore(file: string, read = textOf, seen = new Set<string>()): boolean {
  if (seen.has(file)) return true;
  seen.add(file);
  const text = read(file);
  return (
    !FOREIGN.test(text) &&
    importsOf(file, text).every((each) => !isNotCompiled(each) && isOfCore(each.replace(/\.js$/, '.ts'), read, seen))
  );
}

/** The tests of the core, below the root of the repository. */
export function coreFiles(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `test/${folder}/${name}`)
      .sort(),
  ).filter((file) => !isLong(file) && isOfCore(file));
}
