/** The sources of a project. */
import { type Dirent, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './read.js';

export interface ProjectFile {
  /** Below the folder of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface NotRead {
  readonly path: string;
  readonly why: string;
}

export interface Walk {
  readonly folder: string;
  /** What is not read, and may matter. */
  readonly notRead: NotRead[];
}

/** How much of a project is looked at. */
const MOST = { entries: 200_000, depth: 50 } as const;

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Types, which have no calls, and what is made for browsers. */
const NO_SOURCE = /\.(?:d\.[cm]?ts|min\.js)$/;
/** Code of others, and what programs make of the sources. Folders whose names begin with a dot are left out, too. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'bower_components', 'dist', 'coverage']);

const isRead = (name: string): boolean => name === 'package.json' || (SOURCE.test(name) && !NO_SOURCE.test(name));

/** The entries of a folder, by name: each run then reports in the same order. */
function entriesOf(folder: string, most: number): Dirent[] {
  const directory = opendirSync(folder);
  try {
    const entries: Dirent[] = [];
    for (let entry = directory.readSync(); entry && entries.length < most; entry = directory.readSync())
      entries.push(entry);
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    directory.closeSync();
  }
}

interface Folder {
  readonly path: string;
  readonly depth: number;
}

/** Why an entry is passed over; undefined if it is not. */
function whyNot(entry: Dirent, { depth }: Folder): string | undefined {
  if (entry.isSymbolicLink()) return 'it is a symbolic link';
  if (!entry.isDirectory()) return undefined;
  if (LEFT_OUT.has(entry.name) && entry.name !== 'node_modules') return 'the folder has made or foreign code';
  return depth >= MOST.depth ? `it is more than ${MOST.depth} folders deep` : undefined;
}

const isPassedOver = ({ name }: Dirent): boolean => name === 'node_modules' || name.startsWith('.');

/** Symbolic links are not followed, so that nothing outside is read, and nothing twice. */
export function* filesBelow({ folder, notRead }: Walk): Generator<ProjectFile> {
  let left = MOST.entries;
  const waiting: Folder[] = [{ path: '', depth: 0 }];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const { path: parent, depth } = at;
    let entries: Dirent[] = [];
    try {
      entries = entriesOf(join(folder, parent), left);
    } catch (error) {
      notRead.push({ path: parent, why: `the folder cannot be read (${Reflect.get(Object(error), 'code')})` });
    }
    left -= entries.length;
    for (const entry of entries) {
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
      if (isPassedOver(entry)) continue;
      const why = whyNot(entry, at);
      if (why !== undefined) notRead.push({ path, why });
      else if (entry.isDirectory()) waiting.push({ path, depth: depth + 1 });
      else if (isRead(entry.name)) {
        const read = readText(join(folder, path));
        if ('why' in read) notRead.push({ path, why: read.why });
        else yield { path, text: read.text };
      }
    }
    if (left <= 0) {
      notRead.push({
        path: parent,
        why: `the project has more than ${MOST.entries} entries: nothing further was read`,
      });
      return;
    }
  }
}
