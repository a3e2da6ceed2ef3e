/** What a server of the benchmark imports, read from its compiled files and from those of the package: what it really loads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom (["'])([^"']+)\1|^import (["'])([^"']+)\3|\bimport\((["'])([^"']+)\5\)/gm;

/** The package that a specifier is of. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The files that a file imports, and those that they import, itself included; and the packages. */
function reachedFrom(file: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const packages = new Set<string>();
  const read = new Set<string>();
  const visit = (file: string): void => {
    if (read.has(file)) return;
    read.add(file);
    for (const [, , from, , alone, , later] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const specifier = from ?? alone ?? later ?? '';
      if (specifier.startsWith('.')) visit(join(file, '..', specifier));
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
    }
  };
  visit(file);
  return { files: read, packages };
}

/** The files that are loaded with a file of the package, itself included. */
export function filesOf(file: string): ReadonlySet<string> {
  return reachedFrom(file).files;
}

/** The packages that a server and its own files import. */
export function packagesOf(server: string): ReadonlySet<string> {
  return reachedFrom(join(import.meta.dirname, '..', 'servers', `${server}.js`)).packages;
}
