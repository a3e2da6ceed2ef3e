/** Reads a project, and finds what it uses of the libraries that `migrate` knows. */
import { withOneLegacy } from './legacy.js';
import { LIBRARIES } from './libraries.js';
import { dependenciesIn } from './manifest.js';
import { type Recognized, recognize } from './recognize.js';
import type { Library, MigrationRule } from './rule.js';
import { filesBelow, type NotRead, type ProjectFile } from './walk.js';

/** A line of a source. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Found {
  readonly rule: MigrationRule;
  readonly places: readonly Place[];
}

/** What a project uses of one library. */
export interface Use {
  readonly library: Library;
  readonly packages: readonly { readonly name: string; readonly range: string; readonly file: string }[];
  /** The parts that were found. */
  readonly found: readonly Found[];
  /** Lines that look like a part, in files that show no other sign of the library. */
  readonly alike: readonly Found[];
  /** Uses of it that no rule recognizes. */
  readonly unknown: readonly Place[];
}

export interface Examination {
  readonly filesRead: number;
  readonly uses: readonly Use[];
  readonly notRead: readonly NotRead[];
}

/** What one file uses of one library. */
interface Seen extends Recognized {
  readonly file: string;
}

/** Whether a match of a `near` rule in this file belongs to the library. */
const isNear = ({ imports, matches }: Seen): boolean =>
  imports || matches.some(({ rule }) => rule.counts === 'anywhere');

function placesOf(rule: MigrationRule, seen: readonly Seen[]): Found[] {
  const places = seen.flatMap(({ file, matches }) =>
    matches.filter((match) => match.rule === rule).map(({ line, text }) => ({ file, line, text })),
  );
  return places.length > 0 ? [{ rule, places }] : [];
}

function useOf(library: Library, seen: readonly Seen[], packages: Use['packages']): Use[] {
  if (packages.length === 0 && !seen.some(({ imports }) => imports)) return [];
  const far = seen.filter((each) => !isNear(each));
  return [
    {
      library,
      packages,
      found: withOneLegacy(library.rules.flatMap((rule) => placesOf(rule, seen.filter(isNear)))),
      alike: library.rules.flatMap((rule) => (rule.counts === 'near' ? placesOf(rule, far) : [])),
      unknown: seen.flatMap(({ file, unknown }) => unknown.map((each) => ({ file, ...each }))),
    },
  ];
}

type Packages = { readonly library: Library; readonly name: string; readonly range: string; readonly file: string }[];

/** The old libraries that a package.json names. What is not JSON is not read. */
function packagesIn({ path, text }: ProjectFile, notRead: NotRead[]): Packages {
  try {
    return dependenciesIn(text).map((dependency) => ({ ...dependency, file: path }));
  } catch {
    notRead.push({ path, why: 'it is not JSON' });
    return [];
  }
}

const isManifest = ({ path }: ProjectFile): boolean => /(?:^|\/)package\.json$/.test(path);

/** @param onFile called with the number of files that were read */
export function examine(folder: string, onFile: (filesRead: number) => void): Examination {
  const notRead: NotRead[] = [];
  const seen: Seen[] = [];
  const packages: Packages = [];
  let filesRead = 0;
  for (const file of filesBelow({ folder, notRead })) {
    onFile(++filesRead);
    if (isManifest(file)) packages.push(...packagesIn(file, notRead));
    else seen.push(...recognize(file.text).map((each) => ({ ...each, file: file.path })));
  }
  const uses = LIBRARIES.flatMap((library) =>
    useOf(
      library,
      seen.filter((each) => each.library === library),
      packages.filter((each) => each.library === library).map(({ name, range, file }) => ({ name, range, file })),
    ),
  );
  return { filesRead, uses, notRead };
}
