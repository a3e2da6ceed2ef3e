/** The sources of a project. */
import { type Dirent, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './read.js';

export interface ProjectFile {
  /** The path relative to the folder of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface NotRead {
  readonly path: string;
  readonly why: string;
}

export interface Walk {
  readonly folder: string;
  /** Files and folders that are not read, and may matter. */
  readonly notRead: NotRead[];
}

/** The most entries of a project, and the deepest folders, that are read. */
const MOST = { entries: 200_000, depth: 50 } as const;

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Declarations, which have no calls, and minified files for browsers. */
const NO_SOURCE = /\.(?:d\.[cm]?ts|min\.js)$/;
/** Folders with generated code, or with code of others. The report lists them as not read. */
const LEFT_OUT: ReadonlySet<string> = new Set(['bower_components', 'dist', 'coverage']);

const isRead = (name: string): boolean => name === 'package.json' || (SOURCE.test(name) && !NO_SOURCE.test(name));

/** The entries of a folder, sorted by name, so that every run reports in the same order. */
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

/** Why an entry is not read; undefined if it is. */
function whyNot(entry: Dirent, { depth }: Folder): string | undefined {
  if (entry.isSymbolicLink()) return 'it is a symbolic link';
  if (!entry.isDirectory()) return undefined;
  if (LEFT_OUT.has(entry.name)) return 'folders of that name have generated code, or code of others';
  return depth >= MOST.depth ? `it is more than ${MOST.depth} folders deep` : undefined;
}

/** Whether an entry is skipped without a mention in the report: packages, and folders such as `.git`, which nobody expects to be read. */
const isPassedOver = ({ name }: Dirent): boolean => name === 'node_modules' || name.startsWith('.');

function entriesOrNone(path: string, { folder, notRead }: Walk, most: number): Dirent[] {
  try {
    return entriesOf(join(folder, path), most);
  } catch (error) {
    notRead.push({ path, why: `the folder cannot be read (${Reflect.get(Object(error), 'code')})` });
    return [];
  }
}

/** Yields the sources in a folder. @returns the folders in it */
function* filesIn(at: Folder, entries: readonly Dirent[], { folder, notRead }: Walk): Generator<ProjectFile, Folder[]> {
  const below: Folder[] = [];
  for (const entry of entries) {
    if (isPassedOver(entry)) continue;
    const path = at.path === '' ? entry.name : `${at.path}/${entry.name}`;
    const why = whyNot(entry, at);
    if (why !== undefined) notRead.push({ path, why });
    else if (entry.isDirectory()) below.push({ path, depth: at.depth + 1 });
    else if (isRead(entry.name)) {
      const read = readText(join(folder, path));
      if ('why' in read) notRead.push({ path, why: read.why });
      else yield { path, text: read.text };
    }
  }
  return below;
}

/** Symbolic links are not followed, so that no file outside of the project is read, and none twice. @param most the most entries that are read */
export function* filesBelow(walk: Walk, most: number = MOST.entries): Generator<ProjectFile> {
  let left = most;
  const waiting: Folder[] = [{ path: '', depth: 0 }];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const entries = entriesOrNone(at.path, walk, left);
    left -= entries.length;
    for (const folder of (yield* filesIn(at, entries, walk)).reverse()) waiting.push(folder);
    if (left > 0) continue;
    walk.notRead.push({
      path: at.path,
      why: `the project has more than ${most} entries: the rest was not read`,
    });
    return;
  }
}
