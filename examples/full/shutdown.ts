/** The end, when the system asks for it: no new connection, what runs runs to its end, and then the storage is closed. */
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** Milliseconds that a connection which is kept open has for one more request: one may be on its way when the end begins. */
const LAST_REQUEST = 2000;
/** Milliseconds after which what still runs is cut off: less than what systems wait before they kill. */
const PATIENCE = 8000;

/**
 * Ends a server without a reset connection. From the beginning of the end, each answer says `Connection: close`, so that clients send no
 * further request on its connection (RFC 9112 §9.6). Connections without a request are closed only after a while.
 *
 * @returns the function that ends it; it resolves when all is over
 */
export function graceful(server: Server, closeStorage: () => Promise<void>): () => Promise<void> {
  const running = new Set<ServerResponse>();
  let isEnding = false;
  const last = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  server.prependListener('request', (_request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (isEnding) last(response);
  });
  return async () => {
    isEnding = true;
    for (const response of running) last(response);
    // the close() of an HTTP server closes connections without a request at once; that of its base class waits for them
    const closed = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(server, () => resolve());
    });
    const begun = Date.now();
    const idle = setInterval(() => {
      if (Date.now() - begun > LAST_REQUEST) server.closeIdleConnections();
    }, 50);
    const cutOff = setTimeout(() => server.closeAllConnections(), PATIENCE);
    await closed;
    clearInterval(idle);
    clearTimeout(cutOff);
    await closeStorage();
  };
}

/** Once, at the first of the signals. */
export function onSignal(end: () => Promise<void>): void {
  let isEnding = false;
  const once = (): void => {
    if (isEnding) return;
    isEnding = true;
    void end().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', once).on('SIGINT', once);
}
