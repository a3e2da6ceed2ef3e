/** Several processes behind one port: node:cluster hands each connection to the next of them. One that ends is replaced, until all are to end. */
import cluster from 'node:cluster';

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
  let isEnding = false;
  const served = new Set<number>();
  const end = (): void => {
    isEnding = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  cluster.on('listening', ({ id }) => {
    served.add(id);
    if (served.size === count) ready();
  });
  cluster.on('exit', ({ id, process: { pid } }) => {
    if (isEnding) return;
    console.error(`Process ${pid} has ended`);
    if (!served.has(id)) process.exit(1); // it could not even start, and no other could
    cluster.fork();
  });
  for (let i = 0; i < count; i += 1) cluster.fork();
}
