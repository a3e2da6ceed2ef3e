/** Listens first, so that a server that has to know its own address does. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port of 127.0.0.1, tells the parent which, and ends with it. @param answering makes the listener of this issuer */
export function listen(answering: (issuer: string) => RequestListener): void {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.on('request', answering(`http://127.0.0.1:${port}`));
    process.send?.({ port });
    if (!process.send) console.log(`http://127.0.0.1:${port}`); // started by hand
  });
  process.on('disconnect', () => process.exit());
}
