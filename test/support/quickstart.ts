/** The quickstart example, running on a port of its own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryStore } from 'koauthorize/tokens';
import { quickstart } from '../../examples/quickstart/server.js';

export interface Running {
  /** Its URL and issuer. */
  readonly url: string;
  /** What the operator was told of. */
  readonly errors: readonly Error[];
  stop(): Promise<void>;
}

export const USER = { username: 'alice', password: 'wonderland' } as const;

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, resolve);
  });

export async function startQuickstart(): Promise<Running> {
  const server = createServer();
  await listen(server); // the issuer contains the port, so it is known only now
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const app = await quickstart(url, memoryStore());
  const errors: Error[] = [];
  app.on('error', (error: Error) => errors.push(error));
  server.on('request', app.callback());
  return {
    url,
    errors,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
