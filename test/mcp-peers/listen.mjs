/** A server on a port of its own, whose application is made when the port is known. */
import { createServer } from 'node:http';

/** @param {(url: string) => Promise<import('node:http').RequestListener> | import('node:http').RequestListener} make */
export async function listen(make) {
  const http = createServer();
  await new Promise((resolve) => http.listen(0, 'localhost', () => resolve()));
  const url = `http://localhost:${http.address().port}`;
  http.on('request', await make(url));
  return {
    url,
    stop() {
      http.close();
      http.closeAllConnections();
    },
  };
}
