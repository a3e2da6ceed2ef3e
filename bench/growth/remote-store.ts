/** A store with so many tokens, in a process of its own, with a database of its own if it wants one. */
import { startDatabase } from './databases.js';
import type { Filled, Question, StoreName } from './protocol.js';
import { startRemote } from './remote.js';

export interface RemoteStore extends Filled {
  readonly live: number;
  ask<T>(question: Question): Promise<T>;
  /** Ends it, with all that it has stored. */
  end(): Promise<void>;
}

/** Undefined where its database is not installed. */
export async function openRemote(store: StoreName, live: number): Promise<RemoteStore | undefined> {
  const database = await startDatabase(store);
  if (!database) return undefined;
  const { remote, told } = await startRemote<Filled>('./worker.js', { store, address: database.address, live });
  return {
    ...told,
    live,
    ask: (question) => remote.ask(question),
    async end() {
      await remote.ask('end');
      remote.end();
      await database.remove();
    },
  };
}
