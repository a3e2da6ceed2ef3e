/**
 * An authorization server that is ready for production. `npm start` runs it, with its data in a directory beside this file. config.ts has the
 * settings, for example
 *
 *     DATABASE_URL=postgres://… WORKERS=4 ISSUER=https://login.example SEED=people.json npx tsx examples/full/server.ts
 *
 * With an https issuer it needs a SEED of your own, because the passwords in seed.json are public.
 *
 * app.ts composes the server. authorization-server.ts has the OAuth features, programs.ts and api.ts the endpoints that clients call, pages/ the routes for
 * people, views/ their HTML, storage/ the databases, and demo/ a client to try the server with.
 */
import { createServer } from 'node:http';
import { fullExample } from './app.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { logger } from './logging.js';
import { processes } from './processes.js';
import { graceful, onSignal } from './shutdown.js';
import { openStorage } from './storage/index.js';

/** Milliseconds. Requests to this server are small, so that a client that takes longer is slow on purpose (Slowloris): docs/running-it.md, "Slow clients". */
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
};

async function serve(config: Config): Promise<void> {
  const log = logger(config.logLevel);
  const storage = await openStorage(config, (error) => log.error({ event: 'database', error: String(error) }));
  const app = await fullExample(config, storage, log);
  const server = createServer(PATIENCE, app.callback()).setTimeout(120_000);
  const end = graceful(server, storage.close);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(config.port, resolve));
  onSignal(end);
}

/** A sentence that tells the operator what to do about an error at the start. */
function adviceFor(error: NodeJS.ErrnoException): string {
  if (error instanceof ConfigError) return error.message;
  if (error.code === 'EADDRINUSE') return 'The port is taken. Choose another: PORT=3001 npm start';
  return `The server could not start: ${error.message || error.code}`;
}

try {
  const config = readConfig(process.env);
  await processes(
    config.workers,
    () => serve(config),
    () => console.log(`${config.issuer} is ready: log in as alice, with the password wonderland`),
  );
} catch (error) {
  console.error(adviceFor(error as Error));
  process.exit(1);
}
