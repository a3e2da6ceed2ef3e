/** A throw-away PostgreSQL: a real one, in a temporary directory, on a free port of the loopback interface. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type PoolConfig } from 'pg';
import { freePort } from './free-port.js';

export interface Postgres {
  readonly config: PoolConfig;
  /** The same as a URL, such as `postgres://postgres@127.0.0.1:5432/postgres`. */
  readonly url: string;
  /** Ends every process of the server with SIGKILL, in the middle of whatever it does. Not for a server that was already there. */
  kill(): Promise<void>;
  /** Starts it again, on what is on its disk. */
  start(): Promise<void>;
  /** Ends it, and removes what it has stored. */
  remove(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';

function directoryOf(program: string): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  return [...(process.env['PATH'] ?? '').split(delimiter), ...versions].find((path) => existsSync(join(path, program)));
}

/** PostgreSQL refuses to run as root: then it runs as a user who may do nothing. */
function user(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string, name: string) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  return { uid: id('-u', 'nobody'), gid: id('-g', 'nobody') };
}

async function answers(config: PoolConfig): Promise<void> {
  for (;;) {
    const client = new Client(config);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(50); // the time limit of the tests ends it
    }
  }
}

/** Does not wait for the disk, which others may have filled with work: it loses nothing when its processes are killed, but when the machine is. */
const HASTY = ['-c', 'fsync=off'];

/**
 * The server of `DATABASE_URL`, or one that is started for the tests; `undefined` where there is none.
 *
 * @param settings as its program takes them. Measurements take none
 */
export async function startPostgres(settings: readonly string[] = HASTY): Promise<Postgres | undefined> {
  const nothing = async (): Promise<void> => {};
  const connectionString = process.env['DATABASE_URL'];
  if (connectionString)
    return { config: { connectionString }, url: connectionString, kill: nothing, start: nothing, remove: nothing };
  const bin = directoryOf('initdb');
  return bin === undefined || directoryOf('postgres') === undefined ? undefined : await startCluster(bin, settings);
}

/** The processes that the server has for its connections and for itself: each in a process group of its own. */
function sessionsOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean).map(Number);
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it has already ended
}

async function startCluster(bin: string, more: readonly string[]): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-postgres-'));
  const as = { ...user(), cwd: directory, stdio: 'ignore' as const };
  if (as.uid !== undefined && as.gid !== undefined) chownSync(directory, as.uid, as.gid);
  const data = join(directory, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    as,
  );
  const port = await freePort();
  const config = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' };
  const settings = ['-p', `${port}`, '-h', '127.0.0.1', '-k', directory, '-c', 'max_connections=100', ...more];
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    const sessions = sessionsOf(server.pid);
    for (const pid of [server.pid, ...sessions]) kill9(pid);
    await ended;
  };
  const start = async (): Promise<void> => {
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], as);
    const ended = once(server, 'exit').then(() => false);
    const started = answers(config).then(() => true);
    // What was killed may still hold its shared memory for a moment, and then it does not start.
    if (!(await Promise.race([started, ended]))) await sleep(200).then(start);
  };
  const atExit = (): void => {
    if (server?.pid) for (const pid of [server.pid, ...sessionsOf(server.pid)]) kill9(pid);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', atExit);
  const remove = async (): Promise<void> => {
    await kill();
    process.off('exit', atExit);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  await start();
  const url = `postgres://${config.user}@${config.host}:${port}/${config.database}`;
  return { config, url, kill, start, remove };
}
