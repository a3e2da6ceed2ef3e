/** mcp-remote, unpatched, as the process that hosts start: its browser is a program of ours, by which alice allows everything. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { signer } from '../support/request-object.js';
import { withLibrary } from './libraries.js';
import { Browser } from './mcp/host.js';
import { type Running, startServers } from './mcp/server.js';

const PROGRAM = fileURLToPath(new URL('node_modules/mcp-remote/dist/proxy.js', import.meta.url));

/** One run of it, to which a host speaks over standard input and output. */
class Run {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #log = '';

  constructor(url: string, environment: Readonly<Record<string, string>>) {
    this.#program = spawn(process.execPath, [PROGRAM, url], { env: { PATH: process.env['PATH'], ...environment } });
    this.#answers = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]();
    this.#program.stderr.on('data', (chunk) => {
      this.#log += chunk;
    });
  }

  send(message: object): void {
    this.#program.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  async ask(id: number, method: string, params: object): Promise<unknown> {
    this.send({ id, method, params });
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`It has ended: ${this.#log}`);
      const answer = JSON.parse(value);
      if (answer.id === id) return answer.result ?? assert.fail(value);
    }
  }

  async connect(): Promise<void> {
    const clientInfo = { name: 'a host', version: '1.0.0' };
    await this.ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    this.send({ method: 'notifications/initialized' });
  }

  listNotes = (id: number): Promise<unknown> => this.ask(id, 'tools/call', { name: 'list_notes', arguments: {} });

  async stop(): Promise<void> {
    this.#program.kill();
    await once(this.#program, 'exit');
  }
}

/** Where the program that mcp-remote takes for the browser says which page it was to open. */
async function listening(open: (url: URL) => Promise<void>): Promise<Server> {
  const http = createServer(async (request, response) => {
    response.end();
    await open(new URL(await text(request)));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return http;
}

describe('mcp-remote at a server by mcpProfile()', function () {
  this.timeout(60_000);
  if (!existsSync(new URL('../../examples/mcp/node_modules', import.meta.url))) {
    it.skip('examples/mcp is not installed: npm run test:clients');
    return;
  }
  withLibrary('mcp-remote', () => {
    const clock = { now: Math.floor(Date.now() / 1000) };
    const opened: URL[] = [];
    let documents: DocumentHost;
    let servers: Running;
    let desktop: Server;
    let directory: string;
    let run: Run;
    before(async () => {
      documents = await documentHost();
      const setup = { fetch: documents.fetch, clients: [], idp: await signer() };
      servers = await startServers({ ...setup, now: () => clock.now });
      desktop = await listening(async (url) => {
        opened.push(url);
        await fetch((await new Browser().allow(url)).answered);
      });
      directory = mkdtempSync(join(tmpdir(), 'koauthorize-mcp-remote-'));
      const told = `http://127.0.0.1:${(desktop.address() as AddressInfo).port}`;
      const script = `#!${process.execPath}\nfetch('${told}', { method: 'POST', body: process.argv[2] });\n`;
      writeFileSync(join(directory, 'browser'), script);
      chmodSync(join(directory, 'browser'), 0o755);
    });
    afterEach(() => run.stop());
    after(async () => {
      servers.stop();
      desktop.close();
      await documents.close();
      rmSync(directory, { recursive: true });
    });

    function start(): void {
      const environment = { HOME: directory, MCP_REMOTE_CONFIG_DIR: directory, BROWSER: join(directory, 'browser') };
      run = new Run(`${servers.url}/mcp`, environment);
    }
    const grantTypes = () => servers.tokenRequests.map(({ params }) => params.get('grant_type'));

    it('first login: it registers, opens the browser, and calls a tool', async () => {
      start();
      await run.connect();
      assert.match(JSON.stringify(await run.listNotes(2)), /"text":"\[\]"/);
      assert.equal(opened.length, 1);
      assert.equal(opened[0]?.searchParams.get('resource'), `${servers.url}/mcp`);
      assert.deepEqual(grantTypes(), ['authorization_code']);
    });

    it('second start: no login, and no request for tokens', async () => {
      start();
      await run.connect();
      await run.listNotes(2);
      assert.deepEqual([opened.length, grantTypes()], [1, ['authorization_code']]);
    });

    it('refresh: an access token that has expired is replaced, without the user', async () => {
      start();
      await run.connect();
      clock.now += 901;
      await run.listNotes(2);
      assert.deepEqual([opened.length, grantTypes()], [1, ['authorization_code', 'refresh_token']]);
    });
  });
});
