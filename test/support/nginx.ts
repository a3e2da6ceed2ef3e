/** nginx on a port of its own, in a temporary directory, and what sends requests to it as to the host that it serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCA } from './certificates.js';
import { freePort } from './free-port.js';

const PROGRAM = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx'].find((path) => existsSync(path));

export const isInstalled = PROGRAM !== undefined;

export interface Nginx {
  /** Sends a request by TLS, whichever host its URL names; follows no redirect. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** Its own files are in the directory, so that nothing of the machine's nginx is touched. */
const whole = (directory: string, servers: string): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/pid;
error_log ${directory}/error.log warn;
events { worker_connections 64; }
http {
  access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${directory}/${name};`).join('\n')}
${servers}
}
`;

async function started(configuration: string, port: number): Promise<ChildProcess> {
  const program = spawn(PROGRAM ?? '', ['-c', configuration, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  program.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  while (program.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error')]).catch(
      () => false,
    );
    socket.destroy();
    if (isUp === true) return program;
    await delay(20);
  }
  throw new Error(`nginx ended with ${program.exitCode}:\n${said}`);
}

/**
 * @param host the host that it serves
 * @param servers the configuration: `listen 443`, the certificate's files and port 3000 of the application are replaced by those of the test
 * @param application the port of the application
 */
export async function startNginx(host: string, servers: string, application: number): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-nginx-'));
  const ca = await makeCA();
  const { cert, key } = await ca.issue({ subject: `CN=${host}`, names: [{ type: 'dns', value: host }] });
  writeFileSync(join(directory, `${host}.pem`), cert);
  writeFileSync(join(directory, `${host}.key`), key, { mode: 0o600 });
  const port = await freePort();
  const own = servers
    .replaceAll('/etc/nginx/', `${directory}/`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${application}`);
  const configuration = join(directory, 'nginx.conf');
  writeFileSync(configuration, whole(directory, own));
  const program = await started(configuration, port);
  return {
    fetch: (url, init) => send({ host, port, ca: ca.cert }, new URL(url), init),
    async stop() {
      program.kill();
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface To {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

function send({ host, port, ca }: To, url: URL, init: RequestInit = {}): Promise<Response> {
  const asked = new Request(url, init);
  const headers = { ...Object.fromEntries(asked.headers), host: url.host };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, servername: host, ca, method: asked.method, path: url.pathname + url.search, headers },
      async (answer) => {
        const body = Buffer.concat(await answer.toArray());
        const lines = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        resolve(new Response(body.length > 0 ? body : null, { status: answer.statusCode ?? 0, headers: lines }));
      },
    );
    sent.on('error', reject);
    asked.arrayBuffer().then((body) => sent.end(Buffer.from(body)), reject);
  });
}
