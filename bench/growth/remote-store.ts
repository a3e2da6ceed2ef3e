/** A store with so many tokens, in a process of its own, with a database of its own if it wants one. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startDatabase } from './databases.js';
import type { Filled, Question, StoreName } from './protocol.js';

export interface RemoteStore extends Filled {
  readonly live: number;
  ask<T>(question: Question): Promise<T>;
  /** Ends it, with all that it has stored. */
  end(): Promise<void>;
}

const WORKER = new URL('./worker.js', import.meta.url);

/** Undefined where its database is not installed. */
export async function openRemote(store: StoreName, live: number): Promise<RemoteStore | undefined> {
  const database = await startDatabase(store);
  if (!database) return undefined;
  const job = JSON.stringify({ store, address: database.address, live });
  const worker = fork(WORKER, [job], { execArgv: ['--expose-gc'], stdio: 'inherit' });
  const ended = once(worker, 'exit').then(([code]) => Promise.reject(new Error(`The ${store} worker ended: ${code}`)));
  ended.catch(() => {}); // it ends when it is told to
  const told = <T>(): Promise<T> => Promise.race([once(worker, 'message').then(([message]) => message as T), ended]);
  const ask = <T>(question: Question): Promise<T> => {
    const answer = told<T>();
    worker.send(question);
    return answer;
  };
  return {
    ...(await told<Filled>()),
    live,
    ask,
    async end() {
      await ask('end');
      worker.disconnect();
      await database.remove();
    },
  };
}
