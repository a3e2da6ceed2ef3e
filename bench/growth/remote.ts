/** A process of this room, as its parent sees it: each question has one answer. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Remote {
  ask<T>(question: unknown): Promise<T>;
  end(): void;
}

/** @param file beside this one @returns it, and the first that it told */
export async function startRemote<T>(
  file: string,
  job: unknown,
): Promise<{ readonly remote: Remote; readonly told: T }> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(job)], {
    execArgv: ['--expose-gc'],
    stdio: 'inherit',
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended: ${code}`)));
  ended.catch(() => {}); // it ends when it is told to
  const next = <A>(): Promise<A> => Promise.race([once(child, 'message').then(([message]) => message as A), ended]);
  return {
    told: await next<T>(),
    remote: {
      ask<A>(question: unknown) {
        const answer = next<A>();
        child.send(question as never);
        return answer;
      },
      end: () => child.disconnect(),
    },
  };
}
