/** The end, when the system asks for it: no new connection, what runs runs to its end, and then the storage is closed. */
import type { Server } from 'node:http';

/** Seconds after which what still runs is cut off: less than what systems wait before they kill. */
const PATIENCE = 8;

/** @returns when all is over */
export async function shutDown(server: Server, closeStorage: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // connections that are kept open for the next request: as soon as they have none
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cutOff = setTimeout(() => server.closeAllConnections(), PATIENCE * 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(cutOff);
  await closeStorage();
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
