/** What package.json exports, patterns written out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Entry {
  /** Such as `koauthorize/pkce`. */
  readonly specifier: string;
  /** Where its source stands below lib/ and its JavaScript below dist/, without the ending: `extension/pkce/index`. */
  readonly path: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** What may stand for the `*` of a path; nothing, once, where there is none. */
function namesFor(pattern: string): readonly string[] {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return [''];
  const names = readdirSync(join(ROOT, 'lib', before)).sort();
  return names.filter((name) => existsSync(join(ROOT, 'lib', `${before}${name}${after}.ts`)));
}

export function readEntries(): readonly Entry[] {
  const { name: own, exports }: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([exported, target]) => {
    if (typeof target === 'string') return []; // package.json itself
    const pattern = target.default.replace(/^\.\/dist\/|\.js$/g, '');
    return namesFor(pattern).map((name) => ({
      specifier: `${own}${exported.slice(1)}`.replace('*', name),
      path: pattern.replace('*', name),
    }));
  });
}
