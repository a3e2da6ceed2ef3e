/** One of several processes of an authorization server and an API with DPoP, over one store in a directory. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lmdbStore } from 'koauthorize/tokens';
import { dpopServer } from './dpop-server.js';

const store = lmdbStore({ path: process.env['DPOP_STORE'] ?? '' });
const { app, clock } = dpopServer({ tokens: { store }, sharesReplays: true });
clock.now = Math.floor(Date.now() / 1000);
setInterval(() => {
  clock.now = Math.floor(Date.now() / 1000);
}, 500).unref();
const listening = createServer(app.callback()).listen(0, '127.0.0.1', () => {
  process.send?.((listening.address() as AddressInfo).port);
});
