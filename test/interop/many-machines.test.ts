/** The example for many machines: real processes behind one port, which share a real database and nothing else. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { createClient } from 'redis';
import { DEMO } from '../../examples/many-machines/data.js';
import { freePort } from '../support/free-port.js';
import { skipStore } from '../support/missing-server.js';
import { Person } from '../support/person.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A connection for each request: node:cluster hands connections, not requests, to one process after the other. */
const FRESH = { connection: 'close' };
const VERIFIER = randomBytes(32).toString('base64url');

/** A database for the example, which calls everything that it makes there by the name. */
interface Shared {
  readonly env: Env;
  /** Puts the end of all that is not a token into the past. */
  endEverything(): Promise<void>;
  remove(): Promise<void>;
}

async function sharedPostgres(name: string): Promise<Shared | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const { connectionString, host, port, user, database } = server.config;
  const url = connectionString ?? `postgres://${user}@${host}:${port}/${database}`;
  const client = new Client(server.config);
  await client.connect();
  const tables = ['', '_tokens', '_tokens_revoked', '_tokens_schema'].map((suffix) => name + suffix);
  return {
    env: { DATABASE_URL: url, REDIS_URL: undefined },
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
    env: { DATABASE_URL: undefined, REDIS_URL: url },
    async endEverything() {
      for (const key of await client.keys(`${name}:[st][er]*:*`)) {
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

function startServer(env: Env): ChildProcess {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', 'examples/many-machines/server.ts'], {
    cwd: root,
    env: { ...process.env, NODE_V8_COVERAGE: undefined, KEYS: undefined, ISSUER: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

class Processes {
  readonly url: string;
  readonly #server: ChildProcess;
  readonly #lines: string[] = [];
  readonly #heard = new EventEmitter();
  readonly #closed: Promise<unknown>;

  constructor(url: string, server: ChildProcess) {
    this.url = url;
    this.#server = server;
    process.once('exit', this.#kill);
    for (const stream of [server.stdout, server.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#hear(line));
    }
    this.#closed = once(server, 'close');
    server.once('exit', () => this.#hear('The server has ended'));
  }

  static async start(env: Env): Promise<Processes> {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const processes = new Processes(url, startServer({ ...env, PORT: `${port}`, WORKERS: '2' }));
    try {
      await processes.says(`${url} is ready`);
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return processes;
  }

  #hear(line: string): void {
    this.#lines.push(line);
    this.#heard.emit('line');
  }

  /** Waits until it says so. */
  async says(line: string): Promise<void> {
    while (!this.#lines.includes(line)) {
      assert.ok(!this.#lines.includes('The server has ended'), this.#lines.join('\n'));
      await once(this.#heard, 'line');
    }
  }

  readonly #kill = (): void => {
    this.#server.kill('SIGKILL');
  };

  /** The processes that it started notice, and end; its output is closed when the last of them has. */
  async stop(): Promise<void> {
    this.#kill();
    process.off('exit', this.#kill);
    await this.#closed;
  }

  person(): Person {
    return new Person(this.url, FRESH);
  }

  /** The request with which an authorization begins. */
  request(): URL {
    const request = new URL('/authorize', this.url);
    request.search = new URLSearchParams({
      response_type: 'code',
      client_id: DEMO.client_id,
      redirect_uri: `${this.url}/callback`,
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    return request;
  }

  async exchange(answer: Response): Promise<Response> {
    return await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { ...FRESH, authorization: `Basic ${btoa(`${DEMO.client_id}:${DEMO.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: codeIn(answer),
        redirect_uri: `${this.url}/callback`,
        code_verifier: VERIFIER,
      }),
    });
  }

  async me(exchanged: Response): Promise<Response> {
    assert.equal(exchanged.status, 200);
    const { access_token } = (await exchanged.json()) as { access_token: string };
    return await fetch(`${this.url}/me`, { headers: { ...FRESH, authorization: `Bearer ${access_token}` } });
  }
}

const processOf = (response: Response): number => Number(response.headers.get('x-process'));

/** The code that a decision was answered with. */
function codeIn(answer: Response): string {
  assert.equal(answer.status, 303);
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code');
  assert.ok(code, 'no code');
  return code;
}

for (const [database, share] of [
  ['PostgreSQL', sharedPostgres],
  ['Redis', sharedRedis],
] as const) {
  describe(`many machines that share ${database}`, function () {
    this.timeout(30_000);
    const NAME = `test_${randomBytes(6).toString('hex')}`;
    let shared: Shared | undefined;
    let processes: Processes;

    before(async function () {
      shared = await share(NAME);
      if (!shared) skipStore(this, `many machines that share ${database}`);
      processes = await Processes.start({ ...shared.env, NAME });
    });

    after(async () => {
      await processes?.stop();
      await shared?.remove();
    });

    it('an authorization that one began is decided by another, the code exchanged and the token verified by any', async () => {
      const person = processes.person();
      for (let round = 0; ; round += 1) {
        assert.ok(round < 20, 'never were the processes different');
        const dialog = await person.open(processes.request(), {});
        const answer = await person.submit(await dialog.text());
        const exchanged = await processes.exchange(answer);
        const me = await processes.me(exchanged);
        assert.deepEqual(await me.json(), { subject: 'alice', client: 'demo', scope: ['postcards'] });
        const [began, decided, issued, verified] = [dialog, answer, exchanged, me].map(processOf);
        if (began !== decided && issued !== verified) break;
      }
    });

    it('of two decisions at one moment, in two processes, exactly one counts', async () => {
      const person = processes.person();
      let different = 0;
      for (let round = 0; different < 30; round += 1) {
        assert.ok(round < 100, `only ${different} of ${round} pairs reached two processes`);
        const page = await (await person.open(processes.request(), {})).text();
        const answers = await Promise.all([person.submit(page), person.submit(page)]);
        assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403]);
        for (const { status, headers } of answers) assert.equal(headers.has('location'), status === 303);
        answers.filter(({ status }) => status === 303).map(codeIn);
        const [one, other] = answers.map(processOf);
        if (one !== other) different += 1;
      }
    });

    it('two dialogs that are opened at one moment both count', async () => {
      const person = processes.person();
      await person.open(processes.request(), {});
      const dialogs = await Promise.all([1, 2].map(() => person.open(processes.request(), {})));
      for (const dialog of dialogs) codeIn(await person.submit(await dialog.text()));
    });

    it('a dialog is of the browser that opened it', async () => {
      const [person, other] = [processes.person(), processes.person()];
      await other.open(processes.request(), {}); // logged in as the same user
      const page = await (await person.open(processes.request(), {})).text();
      assert.equal((await other.submit(page)).status, 403);
      codeIn(await person.submit(page));
    });

    it('a process that is killed is not missed', async () => {
      const person = processes.person();
      const dialog = await person.open(processes.request(), {});
      const killed = processOf(dialog);
      process.kill(killed, 'SIGKILL');
      await processes.says(`Process ${killed} has ended`);
      const answer = await person.submit(await dialog.text());
      assert.notEqual(processOf(answer), killed);
      assert.equal((await processes.me(await processes.exchange(answer))).status, 200);
    });

    it('sessions and dialogs end', async () => {
      const person = processes.person();
      const dialog = await person.open(processes.request(), {});
      await shared?.endEverything();
      const late = await person.submit(await dialog.text());
      assert.equal(late.status, 403);
      assert.ok(processOf(late) > 0, 'even an error says which process it is from');
    });
  });
}

describe('many machines without a database', () => {
  it('say in one line what to set', async () => {
    const server = startServer({ DATABASE_URL: undefined, REDIS_URL: undefined });
    const said: string[] = [];
    if (server.stderr) createInterface(server.stderr).on('line', (line) => said.push(line));
    const [code] = await once(server, 'close');
    assert.equal(code, 1);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /DATABASE_URL.*REDIS_URL/);
  });
});
