/** What a package-lock.json says of the packages that it locks. */
import { readFileSync } from 'node:fs';

export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  /** Where it was downloaded from; of a link, what it links to. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** By the directory that they are installed to; the project itself is `''`. */
export type Locked = ReadonlyMap<string, LockedPackage>;

export function readLock(path: string): Locked {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };
  return new Map(Object.entries(packages));
}

/** As Node looks for it: in the package's own directory, then in those above. */
function resolve(locked: Locked, from: string, name: string): string | undefined {
  for (let directory = from; ; directory = directory.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${directory === '' ? '' : `${directory}/`}node_modules/${name}`;
    if (locked.has(path)) return path;
    if (directory === '') return undefined;
  }
}

/** What npm installs with a package besides itself: a peer that may be missing is the application's to choose. */
function wanted({
  dependencies,
  optionalDependencies,
  peerDependencies,
  peerDependenciesMeta,
}: LockedPackage): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}

/**
 * All that comes along with the packages of those names when a user installs them.
 *
 * @throws Error when one that is not optional is not in the lock
 */
export function closure(locked: Locked, names: readonly string[]): ReadonlyMap<string, LockedPackage> {
  const found = new Map<string, LockedPackage>();
  const visit = (from: string, name: string): void => {
    const path = resolve(locked, from, name);
    const entry = path === undefined ? undefined : locked.get(path);
    if (path === undefined || !entry) {
      if (locked.get(from)?.optionalDependencies?.[name] !== undefined) return; // for another platform
      throw new Error(`${name}, which ${from || 'the project'} needs, is not in the lock`);
    }
    if (found.has(path)) return;
    found.set(path, entry);
    for (const next of wanted(entry)) visit(path, next);
  };
  for (const name of names) visit('', name);
  return found;
}

/** What is installed with the project for its users: neither its development dependencies nor its optional peers. */
export function runtimeClosure(locked: Locked): ReadonlyMap<string, LockedPackage> {
  return closure(locked, wanted(locked.get('') ?? {}));
}
