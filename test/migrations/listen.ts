/** Listens where the operator says, and tells it. */
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';

export function listen(koa: Koa): void {
  const http = koa.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  });
}
