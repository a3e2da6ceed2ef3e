/** One of several processes of an authorization server and an API with DPoP, over one store: a directory, a database, or Redis. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lmdbStore, postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { dpopServer } from './dpop-server.js';

async function storeAt(place: string): Promise<TokenStore> {
  if (place.startsWith('/')) return lmdbStore({ path: place });
  if (place.startsWith('redis:')) {
    const client = createClient({ url: place });
    client.on('error', () => {});
    return redisStore({ client: await client.connect(), prefix: 'replays' });
  }
  const pool = new Pool({ ...JSON.parse(place), max: 8 });
  pool.on('error', () => {});
  return postgresStore({ pool, table: 'replays' });
}

const store = await storeAt(process.env['DPOP_STORE'] ?? '');
const { app, clock } = dpopServer({ tokens: { store }, sharesReplays: true });
clock.now = Math.floor(Date.now() / 1000);
setInterval(() => {
  clock.now = Math.floor(Date.now() / 1000);
}, 500).unref();
const listening = createServer(app.callback()).listen(0, '127.0.0.1', () => {
  process.send?.((listening.address() as AddressInfo).port);
});
