/** Several processes behind one port: node:cluster hands each connection to the next of them. */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';

/**
 * @param serve is run by each process, with the keys that all of them sign cookies with: those of the environment, where processes
 *   on other machines have the same, or random ones
 * @param ready is run once, when all of them serve
 */
export async function processes(
  count: number,
  serve: (keys: string[]) => Promise<void>,
  ready: () => void,
): Promise<void> {
  const KEYS = process.env['KEYS'] || randomBytes(32).toString('hex');
  if (cluster.isWorker) return await serve(KEYS.split(','));

  const start = () => cluster.fork({ KEYS });
  const served = new Set<number>();
  cluster.on('listening', ({ id }) => {
    served.add(id);
    if (served.size === count) ready();
  });
  cluster.on('exit', ({ id, process: { pid } }) => {
    console.error(`Process ${pid} has ended`);
    if (!served.has(id)) process.exit(1); // it could not even start, and no other could
    start();
  });
  for (let i = 0; i < count; i += 1) start();
}
