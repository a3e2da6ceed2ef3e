/** The full example as it is run: real processes behind one port, which share a real database and nothing else; one is killed, or asked to end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createClient } from 'redis';
import { compiledProgram } from '../compile.js';
import { root } from '../run.js';
import { freePort } from '../support/free-port.js';
import { ALICE } from '../support/full.js';
import { Agent, api, codeIn, DEMO, formIn, type Page, ROBOT, request, VERIFIER } from '../support/full-agent.js';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A connection for each request: node:cluster hands connections, not requests, to one process after the other. */
const FRESH = { connection: 'close' };

/** A database for the example, which calls everything that it makes there by the name. */
interface Shared {
  readonly env: Env;
  /** Puts the end of all that is not a token into the past. */
  endEverything?(): Promise<void>;
  remove(): Promise<void>;
}

async function sharedDirectory(): Promise<Shared> {
  const directory = await mkdtemp(join(tmpdir(), 'koauthorize-full-processes-'));
  return { env: { DATA: directory }, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }) };
}

async function sharedPostgres(name: string): Promise<Shared | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const client = new Client(server.config);
  await client.connect();
  const tables = ['', '_collections', '_limits', '_tokens', '_tokens_revoked', '_tokens_schema'].map(
    (suffix) => name + suffix,
  );
  return {
    env: { DATABASE_URL: server.url },
    endEverything: async () => void (await client.query(`UPDATE ${name} SET ends_at = now()`)),
    async remove() {
      await client.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`);
      await client.end();
      await server.remove();
    },
  };
}

async function sharedRedis(name: string): Promise<Shared | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const [url = ''] = server.urls;
  const client = await createClient({ url }).connect();
  return {
    env: { REDIS_URL: url },
    async endEverything() {
      for (const key of await client.keys(`${name}:documents:*`)) {
        assert.notEqual(await client.pTTL(key), -1, `${key} would stay for ever`);
        await client.pExpire(key, 0);
      }
    },
    async remove() {
      const keys = await client.keys(`${name}:*`);
      if (keys.length > 0) await client.del(keys);
      await client.close();
      await server.remove();
    },
  };
}

const NONE = { DATABASE_URL: undefined, REDIS_URL: undefined, KEYS: undefined, ISSUER: undefined, DATA: undefined };

async function startServer(env: Env): Promise<ChildProcess> {
  return spawn(process.execPath, [await compiledProgram('examples/full/server.ts')], {
    cwd: root,
    env: { ...process.env, NODE_V8_COVERAGE: undefined, ...NONE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

class Processes {
  readonly url: string;
  readonly server: ChildProcess;
  readonly lines: string[] = [];
  readonly #heard = new EventEmitter();
  readonly #closed: Promise<unknown>;

  constructor(url: string, server: ChildProcess) {
    this.url = url;
    this.server = server;
    process.once('exit', this.#kill);
    for (const stream of [server.stdout, server.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#hear(line));
    }
    this.#closed = once(server, 'close');
    server.once('exit', (code) => this.#hear(`The server has ended: ${code}`));
  }

  static async start(env: Env, workers = '2'): Promise<Processes> {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const processes = new Processes(url, await startServer({ ...env, PORT: `${port}`, WORKERS: workers }));
    try {
      await processes.says(`${url} is ready`);
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return processes;
  }

  #hear(line: string): void {
    this.lines.push(line);
    this.#heard.emit('line');
  }

  /** Waits until it says so. */
  async says(beginning: string): Promise<void> {
    while (!this.lines.some((line) => line.startsWith(beginning))) {
      assert.ok(!this.lines.some((line) => line.startsWith('The server has ended')), this.lines.join('\n'));
      await once(this.#heard, 'line');
    }
  }

  readonly #kill = (): void => {
    this.server.kill('SIGKILL');
  };

  /** The processes that it started notice, and end; its output is closed when the last of them has. */
  async stop(): Promise<void> {
    this.#kill();
    process.off('exit', this.#kill);
    await this.#closed;
  }

  async person(): Promise<Agent> {
    const agent = new Agent(this.url, FRESH);
    await agent.login(ALICE);
    return agent;
  }

  /** Where consent was withdrawn, a dialog. */
  ask(agent: Agent): Promise<Page> {
    return agent.open(request(this.url));
  }

  async exchange(answer: Page): Promise<Response> {
    const form = {
      grant_type: 'authorization_code',
      code: codeIn(answer),
      redirect_uri: `${this.url}/demo/callback`,
      code_verifier: VERIFIER,
    };
    const headers = { ...FRESH, authorization: `Basic ${btoa(`${DEMO.id}:${DEMO.secret}`)}` };
    return await fetch(`${this.url}/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  }

  async me(exchanged: Response): Promise<Response> {
    assert.equal(exchanged.status, 200);
    const { access_token } = (await exchanged.json()) as { access_token: string };
    return await api(this.url, access_token, '/api/me', { headers: FRESH });
  }
}

const processOf = ({ headers }: { readonly headers: Headers }): number => Number(headers.get('x-process'));

/** Forgets what was allowed, so that the next request asks again. */
async function disconnect(agent: Agent): Promise<void> {
  const page = await agent.open('/connected');
  if (page.text.includes('action="/connected/revoke"')) await agent.submit(formIn(page, '/connected/revoke'));
}

for (const [database, share] of [
  ['lmdb', sharedDirectory],
  ['PostgreSQL', sharedPostgres],
  ['Redis', sharedRedis],
] as const) {
  describe(`two processes of the full example that share ${database}`, function () {
    this.timeout(60_000);
    const NAME = `test_${randomBytes(6).toString('hex')}`;
    let shared: Shared | undefined;
    let processes: Processes;
    let person: Agent;

    before(async function () {
      shared = await share(NAME);
      if (!shared) skipStore(this, `two processes of the full example that share ${database}`);
      processes = await Processes.start({ ...shared.env, NAME });
    });
    beforeEach(async () => {
      person = await processes.person();
      await disconnect(person);
    });

    after(async () => {
      await processes?.stop();
      await shared?.remove();
    });

    const decide = (dialog: Page): Promise<Page> => person.submit(formIn(dialog, '/authorize/decision'));

    it('an authorization that one began is decided by another, the code exchanged and the token verified by any', async () => {
      for (let round = 0; ; round += 1) {
        assert.ok(round < 20, 'never were the processes different');
        const dialog = await processes.ask(person);
        const answer = await decide(dialog);
        const exchanged = await processes.exchange(answer);
        const me = await processes.me(exchanged);
        assert.deepEqual(await me.json(), { client: 'demo', name: 'Alice Liddell' });
        const [began, decided, issued, verified] = [dialog, answer, exchanged, me].map(processOf);
        await disconnect(person);
        if (began !== decided && issued !== verified) break;
      }
    });

    it('of two decisions at one moment, in two processes, exactly one counts', async () => {
      let different = 0;
      for (let round = 0; different < 20; round += 1) {
        assert.ok(round < 100, `only ${different} of ${round} pairs reached two processes`);
        const dialog = await processes.ask(person);
        const answers = await Promise.all([decide(dialog), decide(dialog)]);
        const redirected = answers.filter(({ status }) => status === 303);
        for (const { status, location } of answers) assert.equal(status, location === '' ? 403 : 303);
        // the same choice again is sent the same code, or told what happened: never a second code
        assert.equal(new Set(redirected.map(codeIn)).size, 1);
        const [one, other] = answers.map(processOf);
        if (one !== other) different += 1;
        await disconnect(person);
      }
    });

    it('two dialogs that are opened at one moment both count', async () => {
      const dialogs = await Promise.all([1, 2].map(() => processes.ask(person)));
      for (const dialog of dialogs) codeIn(await decide(dialog));
    });

    it('a dialog is of the browser that opened it', async () => {
      const other = await processes.person(); // logged in as the same user
      const dialog = await processes.ask(person);
      assert.equal((await other.submit(formIn(dialog, '/authorize/decision'))).status, 403);
      codeIn(await decide(dialog));
    });

    it('all have the same keys', async () => {
      const seen = new Map<number, string>();
      for (let round = 0; seen.size < 2; round += 1) {
        assert.ok(round < 20, 'never were the processes different');
        const response = await fetch(`${processes.url}/jwks`, { headers: FRESH });
        seen.set(processOf(response), await response.text());
      }
      const [one, two] = seen.values();
      assert.equal(one, two);
    });

    it('a process that is killed is not missed', async () => {
      const dialog = await processes.ask(person);
      const killed = processOf(dialog);
      process.kill(killed, 'SIGKILL');
      await processes.says(`Process ${killed} has ended`);
      const answer = await decide(dialog);
      assert.notEqual(processOf(answer), killed);
      assert.equal((await processes.me(await processes.exchange(answer))).status, 200);
    });

    // lmdb's are in full-storage.test.ts: nobody else can write to it
    const test = database === 'lmdb' ? () => {} : it;
    test('sessions and dialogs end', async () => {
      const dialog = await processes.ask(person);
      await shared?.endEverything?.();
      const late = await decide(dialog);
      assert.equal(late.status, 403);
      assert.ok(processOf(late) > 0, 'even an error says which process it is from');
    });

    it('SIGTERM ends all of them, and with 0', async () => {
      processes.server.kill('SIGTERM');
      const [code] = await once(processes.server, 'exit');
      assert.equal(code, 0, processes.lines.join('\n'));
    });
  });
}

describe('the full example that is asked to end', function () {
  this.timeout(60_000);

  const isRefused = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, 'localhost');
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal}: takes nothing new, answers what it has begun, and ends with 0`, async () => {
      const shared = await sharedDirectory();
      const processes = await Processes.start(shared.env, '1');
      const { port } = new URL(processes.url);
      const running = httpRequest(`${processes.url}/token`, {
        method: 'POST',
        auth: `${ROBOT.id}:${ROBOT.secret}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      const answered = once(running, 'response');
      running.write('grant_type=');
      await once(running, 'socket').then(([socket]) => socket.connecting && once(socket, 'connect'));
      await fetch(`${processes.url}/health`); // what was written before this has arrived
      processes.server.kill(signal);
      while (!(await isRefused(Number(port)))) await sleep(10);
      running.end('client_credentials');
      const [response] = await answered;
      assert.equal(response.statusCode, 200);
      response.resume();
      const code = processes.server.exitCode ?? (await once(processes.server, 'exit'))[0];
      assert.equal(code, 0, processes.lines.join('\n'));
      await shared.remove();
    });
  }
});

describe('the full example that is asked to end under load', function () {
  this.timeout(120_000);

  for (const workers of ['1', '2']) {
    it(`resets none of 30 kept connections (WORKERS=${workers})`, async () => {
      const shared = await sharedDirectory();
      const processes = await Processes.start(shared.env, workers);
      const agent = new HttpAgent({ keepAlive: true, maxSockets: 30 });
      const outcomes = new Map<string, number>();
      const get = (): Promise<string> =>
        new Promise((resolve) => {
          const asked = httpRequest(`${processes.url}/jwks`, { agent }, (response) => {
            response.resume().once('end', () => resolve('answered'));
          });
          const failed = (code: string): string => (asked.reusedSocket ? `kept, and then ${code}` : code);
          asked.once('error', (error: NodeJS.ErrnoException) => resolve(failed(error.code ?? ''))).end();
        });
      // each sends its next request soon after the answer, until nobody takes connections any more
      const client = async (): Promise<void> => {
        for (let outcome = 'answered'; outcome === 'answered'; await sleep(Math.random() * 20)) {
          outcome = await get();
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      };
      const clients = Array.from({ length: 30 }, client);
      while ((outcomes.get('answered') ?? 0) < 300) await sleep(10);
      processes.server.kill('SIGTERM');
      const [code] = await once(processes.server, 'exit');
      await Promise.all(clients);
      agent.destroy();
      assert.equal(code, 0, processes.lines.join('\n'));
      // a new connection that comes while the last listener closes is the system's to reset
      const kept = [...outcomes].filter(([outcome]) => outcome.startsWith('kept'));
      assert.deepEqual(kept, []);
      await shared.remove();
    });
  }
});

describe('two processes of the full example whose database is away', function () {
  this.timeout(120_000);

  it('one that dies does not take the other along, and is replaced when the database is there again', async function () {
    const server = process.env['DATABASE_URL'] ? undefined : await startPostgres();
    if (!server) return skipStore(this, 'a database that goes away');
    const env = { DATABASE_URL: server.url, LOG_LEVEL: 'silent' };
    const processes = await Processes.start(env);
    const health = () => fetch(`${processes.url}/health`, { headers: FRESH });
    const seen = new Set<number>();
    while (seen.size < 2) seen.add(processOf(await health()));
    const [one = 0, other = 0] = seen;
    await server.kill();
    process.kill(one, 'SIGKILL');
    await processes.says(`Process ${one} has ended`);
    const ended = (): number => processes.lines.filter((line) => /^Process \d+ has ended/.test(line)).length;
    while (ended() < 2 && processes.server.exitCode === null) await sleep(50); // the one that should have replaced it
    assert.equal(processes.server.exitCode, null, processes.lines.join('\n'));
    const answer = await health();
    assert.deepEqual([answer.status, processOf(answer)], [503, other]);
    await server.start();
    const now = new Set<number>();
    while (now.size < 2) {
      const { status, headers } = await health();
      if (status === 200) now.add(processOf({ headers }));
      await sleep(20);
    }
    assert.ok(now.has(other) && !now.has(one));
    await processes.stop();
    await server.remove();
  });
});

describe('the full example that cannot start', function () {
  this.timeout(60_000);

  for (const [what, env, sentence] of [
    ['settings that are wrong', { PORT: 'http', KEYS: 'short' }, /^PORT .*\nKEYS .*$/],
    ['a database that is not there', { REDIS_URL: 'redis://127.0.0.1:1' }, /could not start/],
    ['PostgreSQL that is not there', { DATABASE_URL: 'postgres://127.0.0.1:1/x' }, /could not start/],
  ] as const) {
    it(`says in a sentence what is wrong with ${what}, and ends with 1`, async () => {
      const server = await startServer({ PORT: '0', ...env });
      const said: string[] = [];
      if (server.stderr) createInterface(server.stderr).on('line', (line) => said.push(line));
      const [code] = await once(server, 'close');
      assert.equal(code, 1, said.join('\n'));
      assert.match(said.join('\n'), sentence);
    });
  }
});
