/** A place with documents of clients, over TLS on a real socket, which can be slow, broken or hostile. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Fetch, publicFetch } from 'koauthorize/extending';
import { makeCA } from './certificates.js';

export interface DocumentHost {
  /** `https://client.example:port`: every name below client.example is this machine, for its `fetch`. */
  readonly origin: string;
  readonly port: number;
  readonly ca: string;
  /** What was asked for. */
  readonly requests: IncomingMessage[];
  /** Guarded as in production, but that the names of the tests are on this machine. */
  readonly fetch: Fetch;
  answer: RequestListener;
  /** Publishes a document at a path, and gives its URL. */
  publish(path: string, members?: object, headers?: Readonly<Record<string, string>>): string;
  close(): Promise<void>;
}

export async function documentHost(): Promise<DocumentHost> {
  const ca = await makeCA();
  const { cert, key } = await ca.issue({
    subject: 'CN=client.example',
    names: [
      { type: 'dns', value: 'client.example' },
      { type: 'dns', value: '*.client.example' },
      { type: 'dns', value: 'localhost' },
    ],
  });
  const requests: IncomingMessage[] = [];
  const documents = new Map<string, { readonly text: string; readonly headers: Readonly<Record<string, string>> }>();
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request);
    host.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `https://client.example:${port}`;
  const host: DocumentHost = {
    origin,
    port,
    ca: ca.cert,
    requests,
    fetch: publicFetch({
      allowLoopback: true,
      ca: ca.cert,
      lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    }),
    answer(request, response) {
      const found = documents.get(request.url ?? '');
      if (!found) return void response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': 'application/json', ...found.headers }).end(found.text);
    },
    publish(path, members = {}, headers = {}) {
      const url = `${origin}${path}`;
      const document = {
        client_id: url,
        client_name: 'A client with a document',
        redirect_uris: ['https://client.example/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        ...members,
      };
      documents.set(path, { text: JSON.stringify(document), headers });
      return url;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return host;
}
