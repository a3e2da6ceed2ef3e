/** The libraries that are moved from: `npm run test:clients` installs them beside this file, and runs their tests. */
import { existsSync, readFileSync } from 'node:fs';

const file = (path: string): URL => new URL(path, import.meta.url);

const { dependencies } = JSON.parse(readFileSync(file('package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Tests with a library, where it is installed; one line that says so, where it is not. */
export function withLibrary(name: string, tests: () => void): void {
  const version = dependencies[name];
  if (version === undefined) throw new Error(`test/migrations/package.json has no ${name}`);
  if (existsSync(file(`node_modules/${name}`))) describe(`coming over from ${name} ${version}`, tests);
  else it.skip(`${name} ${version} is not installed: npm run test:clients`);
}
