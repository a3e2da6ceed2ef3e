/** The old libraries among the dependencies of a package.json. */
import { LIBRARIES } from './libraries.js';
import type { Library } from './rule.js';

export interface Dependency {
  readonly library: Library;
  readonly name: string;
  readonly range: string;
}

const LISTS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

/** @throws SyntaxError for a text that is not JSON */
export function dependenciesIn(text: string): Dependency[] {
  const manifest: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  const lists = LISTS.map((list) => new Map(Object.entries(Object(manifest[list]))));
  return LIBRARIES.flatMap((library) =>
    library.packages.flatMap((name) => {
      const list = lists.find((each) => each.has(name));
      const range = list?.get(name);
      return list ? [{ library, name, range: typeof range === 'string' ? range.slice(0, 50) : '' }] : [];
    }),
  );
}
