/** A place with keys behind a URL, on a real socket, which can be slow, broken or hostile. */
import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export interface KeyServer {
  readonly url: string;
  /** What was asked for, with the headers. */
  readonly requests: http.IncomingMessage[];
  /** What it does now; at first it has no keys. */
  answer: RequestListener;
  /** Has these keys from now on. */
  publish(...keys: readonly object[]): void;
  close(): Promise<void>;
}

export async function keyServer(): Promise<KeyServer> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    keys.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const keys: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    requests,
    answer: (_request, response) => response.end('{"keys":[]}'),
    publish(...set) {
      keys.answer = (_request, response) => response.end(JSON.stringify({ keys: set }));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return keys;
}

/** A key pair of a client, as JWKs. */
export interface Pair {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

export async function keyPair(alg: string, kid?: string, modulusLength = 2048): Promise<Pair> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength });
  const more = { alg, ...(kid !== undefined && { kid }) };
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), ...more },
    publicKey: { ...(await exportJWK(pair.publicKey)), ...more },
  };
}
