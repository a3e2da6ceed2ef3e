/** Documents in LMDB, with an index by expiration, which is used to remove expired documents, and to limit their number. */
import type { Database, RootDatabase } from 'lmdb';
import type { Documents } from './index.js';

interface Ending {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** Work in a transaction of the database. */
export interface Access {
  /** Reads the latest state, also of other processes. */
  read<T>(work: () => T): Promise<T>;
  /** Writes. Of all processes, one writes at a time. The data are on the disk when it resolves. */
  write<T>(work: () => T): Promise<T>;
}

/** The most documents that are removed in one transaction, so that other processes can write in between. */
const PART = 1000;

/** @param most the most documents. A further one replaces the document that would expire first */
export function documentsIn(root: RootDatabase, { read, write }: Access, most: number) {
  const values: Database<Ending, string> = root.openDB({ name: 'documents', encoding: 'json' });
  const ends: Database<null, [number, string]> = root.openDB({ name: 'ends', encoding: 'json' });
  const live = (key: string): Ending | undefined => {
    const found = values.get(key);
    return found && found.endsAt > Date.now() ? found : undefined;
  };
  const drop = (key: string): boolean => {
    const [was, found] = [live(key), values.get(key)];
    if (found) ends.removeSync([found.endsAt, key]);
    values.removeSync(key);
    return was !== undefined;
  };
  const place = (key: string, document: Ending): void => {
    drop(key);
    const { entryCount } = values.getStats() as { readonly entryCount: number };
    if (entryCount >= most) for (const [, first] of [...ends.getKeys({ limit: 1 })]) drop(first);
    values.putSync(key, document);
    ends.putSync([document.endsAt, key], null);
  };
  const ending = (value: unknown, seconds: number): Ending => ({ value, endsAt: Date.now() + seconds * 1000 });
  const documents: Documents = {
    get: (key) => read(() => live(key)?.value),
    set: (key, value, seconds) => write(() => place(key, ending(value, seconds))),
    add: (key, value, seconds) =>
      write(() => {
        const isFree = live(key) === undefined;
        if (isFree) place(key, ending(value, seconds));
        return isFree;
      }),
    replace: (key, value) =>
      write(() => {
        const found = live(key);
        if (found) place(key, { ...found, value });
      }),
    remove: (key) => write(() => drop(key)),
  };
  const purge = async (): Promise<void> => {
    const some = (): number => {
      const over = [...ends.getKeys({ end: [Date.now(), ''], limit: PART })];
      for (const [, key] of over) drop(key);
      return over.length;
    };
    while ((await write(some)) === PART);
  };
  return { documents, purge };
}
