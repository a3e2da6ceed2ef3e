/** A directory on this machine's disk, which several processes may share: the default, for which nothing needs to be installed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lmdbStore } from 'koauthorize/tokens';
import { type Database, open, type RootDatabase } from 'lmdb';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { answered, type Collections, type Complain, type Documents, type Storage } from './index.js';

interface Ending {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** Work in a transaction of the database. */
interface Access {
  /** On what other processes, too, have written by now. */
  read<T>(work: () => T): Promise<T>;
  /** One after the other among all processes, and on the disk when it resolves. */
  write<T>(work: () => T): Promise<T>;
}

function accessTo(root: RootDatabase): Access {
  const read = async <T>(work: () => T): Promise<T> => {
    root.resetReadTxn();
    return work();
  };
  return { read: (work) => answered(read(work)), write: (work) => answered(root.childTransaction(work)) };
}

function documentsIn(root: RootDatabase, { read, write }: Access) {
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
    values.putSync(key, document);
    ends.putSync([document.endsAt, key], null);
  };
  const documents: Documents = {
    get: (key) => read(() => live(key)?.value),
    set: (key, value, seconds) => write(() => place(key, { value, endsAt: Date.now() + seconds * 1000 })),
    replace: (key, value) =>
      write(() => {
        const found = live(key);
        if (found) place(key, { ...found, value });
      }),
    remove: (key) => write(() => drop(key)),
  };
  /** In parts, so that others may write in between; all of it, since anyone can make many. */
  const purge = async (): Promise<void> => {
    const part = 1000;
    const some = () => {
      const over = [...ends.getKeys({ end: [Date.now(), ''], limit: part })];
      for (const [, key] of over) drop(key);
      return over.length;
    };
    while ((await write(some)) === part);
  };
  return { documents, purge };
}

function collectionsIn(root: RootDatabase, { read, write }: Access): Collections {
  const values: Database<unknown, [string, string]> = root.openDB({ name: 'collections', encoding: 'json' });
  return {
    get: (collection, id) => read(() => values.get([collection, id])),
    list: (collection) =>
      read(() => {
        const all = values.getRange({ start: [collection, ''], end: [`${collection}\0`, ''] });
        return new Map([...all].map(({ key: [, id], value }) => [id, value]));
      }),
    put: (collection, id, value) => write(() => void values.putSync([collection, id], value)),
    add: (collection, id, value) =>
      write(() => {
        const isFree = !values.doesExist([collection, id]);
        if (isFree) values.putSync([collection, id], value);
        return isFree;
      }),
    remove: (collection, id) => write(() => values.removeSync([collection, id])),
  };
}

export async function lmdb(path: string, complain: Complain): Promise<Storage> {
  await mkdir(path, { recursive: true, mode: 0o700 }); // the keys that sign tokens are in it
  const tokens = lmdbStore({ path: join(path, 'tokens') });
  const root = open({ path: join(path, 'documents'), overlappingSync: false });
  const access = accessTo(root);
  const { documents, purge } = documentsIn(root, access);
  const purging = setInterval(() => void purge().catch(complain), 60_000).unref();
  return {
    tokens,
    documents,
    collections: collectionsIn(root, access),
    // each process counts for itself: with WORKERS, whoever guesses has as many more guesses
    limiter: ({ points, seconds }) => new RateLimiterMemory({ points, duration: seconds }),
    async ping() {
      await tokens.get('ping', 0);
      await access.write(() => {});
    },
    async close() {
      clearInterval(purging);
      await tokens.close();
      await root.close();
    },
  };
}
