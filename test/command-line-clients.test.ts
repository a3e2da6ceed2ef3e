/** docs/command-line-clients.md: its programs log in, call, refresh and log out over HTTP, against the server of the page. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type Koa from 'koa';
import request from 'supertest';
import { type Programs, pageAt, programsOf } from './readme/programs.js';
import { freePort } from './support/free-port.js';

const DENY = { cancel: 'yes' };

describe('docs/command-line-clients.md', function () {
  this.timeout(60_000);
  let programs: Programs;
  let server: Server;
  let issuer: string;
  const home = mkdtempSync(join(tmpdir(), 'koauthorize-cli-'));
  const file = join(home, 'notes-cli', 'tokens.json');
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const port = await freePort();
    issuer = `http://localhost:${port}`;
    environment = { ISSUER: issuer, API: issuer, XDG_CONFIG_HOME: home };
    programs = programsOf(pageAt('docs/command-line-clients.md'), environment, []);
    process.env['ISSUER'] = issuer;
    const { koa } = (await programs.load('server')) as { koa: Koa };
    delete process.env['ISSUER'];
    koa.silent = true;
    server = createServer(koa.callback()).listen(port);
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true });
  });

  /** Starts a program that waits for its user. @returns its first line, and how it ends */
  async function started(program: string) {
    const child = spawn(process.execPath, [program], {
      cwd: programs.directory,
      env: { ...process.env, ...environment },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const exit = once(child, 'exit');
    const [line] = await once(createInterface(child.stdout), 'line');
    return { line: String(line), end: async () => ({ code: (await exit)[0], output }) };
  }
  const stored = () => JSON.parse(readFileSync(file, 'utf8'));
  const call = async () => programs.node('call.mjs');

  /** The user's browser: opens the URL, decides, and is sent back to the loopback interface. */
  async function visit(line: string, more: object = {}): Promise<URL> {
    const url = new URL(line.replace(/^Open /, ''));
    const agent = request.agent(url.origin);
    const { body } = await agent.get(`${url.pathname}${url.search}`);
    const { transaction_id } = body;
    const decided = await agent
      .post('/authorize/decision')
      .type('form')
      .send({ transaction_id, ...more });
    return new URL(decided.headers['location'] ?? '');
  }

  /** Logs in by the loopback redirect. */
  async function loggedIn(): Promise<void> {
    const { line, end } = await started('login.mjs');
    const back = await visit(line);
    assert.equal((await fetch(back)).status, 200);
    const { code, output } = await end();
    assert.equal(code, 0, output);
  }

  it('login by the loopback redirect at a port that is not registered, then a call; only the owner can read the file', async () => {
    await loggedIn();
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.deepEqual(readdirSync(join(home, 'notes-cli')), ['tokens.json']);
    assert.equal(await programs.shell('node call.mjs'), '200 {"notesOf":"alice"}\n');
  });

  it('requests without the state of the program do not end its login', async () => {
    const { line, end } = await started('login.mjs');
    const back = await visit(line);
    const forged = new URL(back);
    forged.searchParams.set('state', 'of an attacker');
    forged.searchParams.set('code', 'of an attacker');
    assert.equal((await fetch(forged)).status, 404);
    assert.equal((await fetch(new URL('/favicon.ico', back))).status, 404);
    assert.equal((await fetch(back)).status, 200);
    assert.equal((await end()).code, 0);
  });

  it('an answer of another issuer, and a denial, log nobody in', async () => {
    const mixedUp = await started('login.mjs');
    const back = await visit(mixedUp.line);
    back.searchParams.set('iss', 'https://other.example');
    await fetch(back);
    assert.match((await mixedUp.end()).output, /another server/);
    const denied = await started('login.mjs');
    await fetch(await visit(denied.line, DENY));
    assert.match((await denied.end()).output, /Not allowed: access_denied/);
  });

  it('a refresh replaces the refresh token, and the next call works with the new one', async () => {
    await loggedIn();
    const first = stored();
    writeFileSync(file, JSON.stringify({ ...first, until: 0 }));
    assert.match((await call()).stdout, /^200 /);
    assert.notEqual(stored().refresh_token, first.refresh_token);
    writeFileSync(file, JSON.stringify({ ...stored(), until: 0 }));
    assert.match((await call()).stdout, /^200 /);
  });

  it('two commands that refresh at the same moment both work', async () => {
    writeFileSync(file, JSON.stringify({ ...stored(), until: 0 }));
    for (const { stdout, output } of await Promise.all([call(), call()])) assert.match(stdout, /^200 /, output);
    writeFileSync(file, JSON.stringify({ ...stored(), until: 0 }));
    assert.match((await call()).stdout, /^200 /);
  });

  it('logout ends the access token and the refresh token, and a program without tokens says so', async () => {
    const { access_token, refresh_token } = stored();
    assert.equal(await programs.shell('node logout.mjs'), 'Logged out\n');
    const api = request(issuer);
    assert.equal((await api.get('/notes').auth(access_token, { type: 'bearer' })).status, 401);
    const form = { grant_type: 'refresh_token', client_id: 'notes-cli', refresh_token };
    assert.equal((await api.post('/token').type('form').send(form)).body.error, 'invalid_grant');
    assert.match((await call()).output, /Log in first/);
  });

  it('a login that was ended elsewhere is forgotten at the next refresh', async () => {
    await loggedIn();
    const token = stored().refresh_token;
    await request(issuer).post('/revoke').type('form').send({ client_id: 'notes-cli', token });
    writeFileSync(file, JSON.stringify({ ...stored(), until: 0 }));
    assert.match((await call()).output, /log in again/);
    assert.match((await call()).output, /Log in first/);
  });

  describe('login on another device', () => {
    /** The user types the code of this line, and decides. */
    async function decided(line: string, more: object = {}): Promise<string> {
      const [, uri = '', code] = /open (\S+) and type (\S+)$/.exec(line) ?? [];
      assert.equal(uri, `${issuer}/device`);
      const agent = request.agent(issuer);
      const { body } = await agent.post('/device').type('form').send({ user_code: code });
      const { device_id } = body;
      const answer = await agent
        .post('/device/decision')
        .type('form')
        .send({ device_id, ...more });
      return answer.body.page;
    }

    it('the user allows it, and the program calls the API', async () => {
      const { line, end } = await started('device.mjs');
      assert.equal(await decided(line), 'allowed');
      const { code, output } = await end();
      assert.equal(code, 0, output);
      assert.equal((await call()).stdout, '200 {"notesOf":"alice"}\n');
    });

    it('the user denies it, and the program says so', async () => {
      const { line, end } = await started('device.mjs');
      assert.equal(await decided(line, DENY), 'denied');
      assert.match((await end()).output, /access_denied/);
    });
  });
});
