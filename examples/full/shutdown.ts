/** The shutdown, when the system asks for it: new connections are refused, running requests are completed, and then the storage is closed. */
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** Milliseconds for which idle connections stay open, since a request may be in transit when the shutdown begins. */
const LAST_REQUEST = 2000;
/** Milliseconds after which running requests are cut off. It must be less than the time after which systems kill the process. */
const PATIENCE = 8000;

/**
 * Shuts a server down without resetting connections. From the beginning of the shutdown, each response has `Connection: close`, so that clients send no further
 * request on its connection (RFC 9112 §9.6). Idle connections are closed after a while.
 *
 * @returns the function that shuts the server down; it resolves when everything is closed
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

/** Calls `end` once, at the first signal. */
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
