/** One keep-alive connection for each virtual user. As lean as undici can be, so that the server is the bottleneck. */
import type { IncomingHttpHeaders } from 'node:http';
import { Client } from 'undici';
import { type Answer, Connection, type Sent } from './connection.js';

function carry(client: Client, sent: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let body = '';
    client.dispatch(
      { ...sent, body: sent.body ?? null },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode, received) {
          status = statusCode;
          headers = received;
        },
        onResponseData(_, chunk) {
          body += chunk.toString('latin1'); // all that is answered here is ASCII
        },
        onResponseEnd() {
          resolve({ sent, status, headers, body });
        },
        onResponseError(_, error) {
          reject(error);
        },
      },
    );
  });
}

/** @param origin such as `http://127.0.0.1:3000` */
export function connectTo(origin: string): Connection {
  const client = new Client(origin, { pipelining: 1, keepAliveTimeout: 600_000 });
  return new Connection({ carry: (sent) => carry(client, sent), close: () => client.destroy() });
}
