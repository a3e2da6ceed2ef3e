/** Where an application is reached, in HTTP/1.1 and in HTTP/2. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type Koa from 'koa';

export interface Listening {
  readonly port: number;
  /** Where it speaks HTTP/2. */
  readonly http2Port: number;
  close(): void;
}

export async function listenOn(app: Koa): Promise<Listening> {
  const listening = app.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  listening.keepAliveTimeout = 0; // or a slow machine's request crosses the end of its connection
  const listening2 = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(listening2, 'listening');
  const sockets = new Set<Socket>();
  listening2.on('connection', (socket: Socket) => sockets.add(socket));
  const close = (): void => {
    listening.close();
    listening.closeAllConnections();
    listening2.close();
    for (const socket of sockets) socket.destroy();
  };
  const { port } = listening.address() as AddressInfo;
  const { port: http2Port } = listening2.address() as AddressInfo;
  return { port, http2Port, close };
}
