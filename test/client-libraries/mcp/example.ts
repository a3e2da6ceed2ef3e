/** examples/mcp, on a port of its own, and a place for documents of its clients. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import type { ClientIDMetadataOptions } from 'koauthorize';
import { type DocumentHost, documentHost } from '../../support/document-host.js';

export interface Example {
  readonly url: string;
  readonly documents: DocumentHost;
  stop(): Promise<void>;
}

export async function startExample(): Promise<Example> {
  const documents = await documentHost();
  const module = new URL('../../../examples/mcp/server.ts', import.meta.url).href;
  const { application } = (await import(module)) as {
    application(url: string, documents: ClientIDMetadataOptions): Koa;
  };
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, resolve));
  const url = `http://localhost:${(http.address() as AddressInfo).port}`;
  const app = application(url, { fetch: documents.fetch });
  app.silent = true;
  http.on('request', app.callback());
  return {
    url,
    documents,
    async stop() {
      http.closeAllConnections();
      http.close();
      await documents.close();
    },
  };
}
