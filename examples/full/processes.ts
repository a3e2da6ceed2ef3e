/** Several processes behind one port: node:cluster hands each connection to the next of them. One that ends is replaced, until all are to end. */
import cluster from 'node:cluster';

/** Milliseconds until the next attempt, when a process that was to replace another could not start: the database may be away. */
const PAUSE = 1000;

/**
 * @param serve is run by each process
 * @param ready is run once, when all of them serve
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
    if (phase === 'starting') process.exit(1); // it could not even start, and no other could
    // later on, what keeps it from starting may pass, and the others still serve
    setTimeout(replace, served.delete(id) ? 0 : PAUSE);
  });
  for (let i = 0; i < count; i += 1) cluster.fork();
}
