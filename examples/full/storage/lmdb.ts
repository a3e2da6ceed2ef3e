/** The storage in a directory of this machine, which several processes may share. It is the default, since it needs no database server. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lmdbStore } from 'koauthorize/tokens';
import { type Database, open, type RootDatabase } from 'lmdb';
import { answered, type Collections, MOST_DOCUMENTS, type Storage } from './index.js';
import { memoryLimiter } from './limiters.js';
import { type Access, documentsIn } from './lmdb-documents.js';

function accessTo(root: RootDatabase): Access {
  const read = async <T>(work: () => T): Promise<T> => {
    root.resetReadTxn();
    return work();
  };
  const write = async <T>(work: () => T): Promise<T> => {
    try {
      return await root.childTransaction(work);
    } catch (error) {
      // the driver writes the reason of a failed commit to stderr, and also rejects this promise: an unhandled rejection would end the process
      void (error as { readonly commitError?: Promise<never> }).commitError?.catch(() => {});
      throw error;
    }
  };
  return { read: (work) => answered(read(work)), write: (work) => answered(write(work)) };
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
    change: (collection, id, before, next) =>
      write(() => {
        const isSame = JSON.stringify(values.get([collection, id])) === JSON.stringify(before);
        if (isSame) values.putSync([collection, id], next);
        return isSame;
      }),
    add: (collection, id, value) =>
      write(() => {
        const isFree = !values.doesExist([collection, id]);
        if (isFree) values.putSync([collection, id], value);
        return isFree;
      }),
    remove: (collection, id) => write(() => values.removeSync([collection, id])),
  };
}

/** Opens the storage. Its size is limited by the number of documents, and by the code that writes collections. @param most the most documents */
export async function lmdb(path: string, most = MOST_DOCUMENTS): Promise<Storage> {
  await mkdir(path, { recursive: true, mode: 0o700 }); // readable by the owner only, since it contains the keys that sign tokens
  const tokens = lmdbStore({ path: join(path, 'tokens') });
  await tokens.get('ping', 0); // creates its files now: later, on a full disk, their creation would end the process
  // without these options, the driver makes a further promise for each batch, whose rejection nobody can handle
  const root = open({ path: join(path, 'documents'), overlappingSync: false, eventTurnBatching: false });
  const access = accessTo(root);
  const { documents, purge } = documentsIn(root, access, most);
  return {
    tokens,
    documents,
    collections: collectionsIn(root, access),
    // each process has its own counters: with several WORKERS, an attacker has as many times more guesses
    limiter: memoryLimiter,
    async ping() {
      await tokens.get('ping', 0);
      await documents.set('ping', 1, 60); // writes, since a full disk can still be read
    },
    purge,
    async close() {
      await tokens.close();
      await root.close();
    },
  };
}
