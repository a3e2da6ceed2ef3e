/** The full example, running on a port of its own, on an lmdb in a temporary directory unless a storage is handed in. */
import { rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullExample } from '../../examples/full/app.js';
import { type Config, readConfig } from '../../examples/full/config.js';
import { signingKeys } from '../../examples/full/keys.js';
import { logger } from '../../examples/full/logging.js';
import type { Storage } from '../../examples/full/storage/index.js';
import { lmdb } from '../../examples/full/storage/lmdb.js';

export const ALICE = { username: 'alice', password: 'wonderland' } as const;
export const BOB = { username: 'bob', password: 'builder' } as const;

export interface FullOptions {
  /** Default: one that is free. */
  readonly port?: number;
  readonly config?: Partial<Config>;
  /** In place of the temporary lmdb; closed by who opened it. */
  readonly storage?: Storage;
}

export interface RunningFull {
  /** Where it answers. */
  readonly url: string;
  /** Its issuer: the same, unless the configuration says otherwise. */
  readonly issuer: string;
  readonly storage: Storage;
  readonly http: Server;
  /** Everything that was logged, as it would stand in the file. */
  log(): string;
  stop(): Promise<void>;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, resolve);
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** A directory as a first start leaves it: with keys that sign. They cost most of the CPU time of a start, so a process makes them once. */
async function makeStarted(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'koauthorize-full-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const storage = await lmdb(directory);
  const keys = await signingKeys({ keys: [] }, storage);
  keys.close();
  await storage.close();
  return directory;
}

let started: Promise<string> | undefined;

async function temporaryStorage(): Promise<{ storage: Storage; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'koauthorize-full-'));
  started ??= makeStarted();
  await cp(await started, directory, { recursive: true });
  const storage = await lmdb(directory);
  return {
    storage,
    async remove() {
      await storage.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function startFull({
  config = {},
  storage: given,
  port: wanted = 0,
}: FullOptions = {}): Promise<RunningFull> {
  const http = createServer();
  await listen(http, wanted); // the issuer contains the port, so it is known only now
  const { port } = http.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const temporary = given ? undefined : await temporaryStorage();
  const storage = given ?? temporary?.storage;
  if (!storage) throw new Error('no storage');
  const lines: string[] = [];
  const log = logger('trace', { write: (line) => void lines.push(line) });
  const settings: Config = { ...readConfig({ PORT: `${port}`, ISSUER: url }), ...config };
  http.on('request', (await fullExample(settings, storage, log)).callback());
  return {
    url,
    issuer: settings.issuer,
    storage,
    http,
    log: () => lines.join(''),
    async stop() {
      await close(http);
      await temporary?.remove();
    },
  };
}
