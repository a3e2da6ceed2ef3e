/** What npm installs for a package, as it lies on the disk. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { BENCH } from '../report.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Of ours, which is a link to where it is written, what is published of it. */
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Package {
  readonly directory: string;
  readonly manifest: Manifest;
}

/** By directory: two versions of one package are two. */
export type Installed = ReadonlyMap<string, Package>;

/** What the application has anyway, whatever it uses besides: left out for all alike, with what only it needs. */
const GIVEN = new Set(['koa']);

function readPackage(directory: string): Package {
  return { directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
}

/** As Node looks for it. */
function find(name: string, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (directory === dirname(directory)) return undefined;
  }
}

/** The packages of those names with all that they depend on. @throws Error when one is not installed */
export function installed(names: readonly string[]): Installed {
  const found = new Map<string, Package>();
  const visit = (name: string, from: string, { optional }: { readonly optional: boolean }): void => {
    if (GIVEN.has(name)) return;
    const directory = find(name, from);
    if (directory === undefined && optional) return; // not for this platform
    if (directory === undefined) throw new Error(`${name}, which ${from} needs, is not installed`);
    if (found.has(directory)) return;
    const one = readPackage(directory);
    found.set(directory, one);
    const { dependencies = {}, optionalDependencies = {} } = one.manifest;
    for (const next of Object.keys(dependencies)) visit(next, directory, { optional: next in optionalDependencies });
    for (const next of Object.keys(optionalDependencies)) visit(next, directory, { optional: true });
  };
  for (const name of names) visit(name, BENCH, { optional: false });
  return found;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  const entries = readdirSync(path).filter((name) => name !== 'node_modules');
  return entries.reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** Bytes of its files; of one that is a link to its sources, of those that are published. */
export function bytesOf({ directory, manifest: { files = [] } }: Package): number {
  if (directory.includes(`${sep}node_modules${sep}`)) return sizeOf(directory);
  const published = new Set([...files, 'package.json', 'README.md', 'LICENSE'].map((name) => join(directory, name)));
  return [...published].reduce((sum, path) => sum + (existsSync(path) ? sizeOf(path) : 0), 0);
}
