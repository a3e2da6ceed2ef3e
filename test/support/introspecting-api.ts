/** An API elsewhere, that asks an authorization server what tokens are good for. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { bearer, dpopProof, introspectionVerifier } from 'koauthorize/resource-server';

/** @param endpoint where it asks, as this client */
export async function startIntrospectingAPI(endpoint: string, clientID: string, clientSecret: string) {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const verify = introspectionVerifier({ endpoint, clientID, clientSecret, tokenTypes: ['Bearer', 'DPoP'] });
  const proofs = [dpopProof({ baseURL: url })];
  const app = new Koa().use(bearer({ verify, proofs })).use((ctx) => {
    ctx.body = 'in';
  });
  http.on('request', app.callback());
  return {
    url: `${url}/`,
    stop: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
