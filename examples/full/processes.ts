/** Several processes behind one port: node:cluster gives each connection to the next process. A process that ends is replaced, until the shutdown. */
import cluster from 'node:cluster';

/** Milliseconds until the next attempt, if a replacement process could not start, for example because the database is down. */
const PAUSE = 1000;

/**
 * @param serve is called in each process
 * @param ready is called once, when all processes serve
 */
export async function processes(count: number, serve: () => Promise<void>, ready: () => void): Promise<void> {
  if (cluster.isWorker) return await serve();
  if (count === 1) {
    await serve();
    return ready();
  }
  let phase: 'starting' | 'serving' | 'ending' = 'starting';
  const served = new Set<number>();
  const end = (): void => {
    phase = 'ending';
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  cluster.on('listening', ({ id }) => {
    served.add(id);
    if (phase !== 'starting' || served.size < count) return;
    phase = 'serving';
    ready();
  });
  const replace = (): void => {
    if (phase === 'serving') cluster.fork();
  };
  cluster.on('exit', ({ id, process: { pid } }) => {
    if (phase === 'ending') return;
    console.error(`Process ${pid} has ended`);
    if (phase === 'starting') process.exit(1); // if the first start fails, another attempt would fail, too
    // later, the reason may be temporary, and the other processes still serve
    setTimeout(replace, served.delete(id) ? 0 : PAUSE);
  });
  for (let i = 0; i < count; i += 1) cluster.fork();
}
