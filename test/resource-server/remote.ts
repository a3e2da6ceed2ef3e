/** An authorization server as an API sees it: a real socket that answers as the test wants, and can be slow, broken or hostile. */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RemoteRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: URLSearchParams;
}

type Answer = (request: RemoteRequest, response: ServerResponse) => void;

export interface Remote {
  readonly url: string;
  readonly requests: RemoteRequest[];
  /** What it does now. */
  answer: Answer;
  close(): Promise<void>;
}

export const json =
  (value: unknown, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

export async function remote(answer: Answer): Promise<Remote> {
  const requests: RemoteRequest[] = [];
  const server = http.createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: new URLSearchParams(Buffer.concat(chunks).toString()) };
    requests.push(request);
    self.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: Remote = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}
