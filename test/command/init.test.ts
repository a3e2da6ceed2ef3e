/** `koauthorize init`: what it asks, and what it writes. test/command/init.check.ts installs, compiles and starts the projects. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type Koa from 'koa';
import { Client } from 'pg';
import request from 'supertest';
import { STORES } from '../../lib/command/init/choice.js';
import { VERSIONS } from '../../lib/command/init/manifest.js';
import { LANGUAGES } from '../../lib/command/init/render.js';
import { root } from '../run.js';
import { limiterKeys } from '../support/limiter-keys.js';
import { skipStore } from '../support/missing-server.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type } from './terminal.js';

/** What the written module opens, as far as it is used here. */
interface Storage {
  readonly sessions: {
    get(key: string): Promise<unknown>;
    set(key: string, session: object, milliseconds: number, request: object): Promise<void>;
    destroy(key: string): Promise<void>;
  };
  close(): Promise<void>;
}

/** A request with this key of a session in its cookie. */
const requestWith = (key: string | undefined) => ({ ctx: { cookies: { get: () => key } } });

/** A request that began before the logout ends after it: it stores no session again. One that goes on is replaced, and a new one is added. */
async function assertNotBroughtBack({ sessions }: Storage): Promise<void> {
  await sessions.set('key', { user: 'u1' }, 60_000, requestWith('an older key'));
  await sessions.set('key', { user: 'u2' }, 60_000, requestWith('key'));
  assert.deepEqual(await sessions.get('key'), { user: 'u2' });
  await sessions.destroy('key');
  await sessions.set('key', { user: 'u2' }, 60_000, requestWith('key'));
  assert.equal(await sessions.get('key'), undefined);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifestIn = (directory: string): Manifest => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

describe('koauthorize init', () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'koauthorize-init-'));
    folder = join(home, 'My Server');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('asks three questions, takes the beginning of an answer, and asks again if there is no such choice', async () => {
    const { code, questions } = await type(['init'], [folder, 'java', 'oracle', '', 'unasked']);
    assert.equal(code, 0);
    assert.deepEqual(
      questions.map((question) => question.replace(/ [([].*/, '')),
      [
        'In which folder?',
        'In which language?',
        'Where are tokens and sessions kept?',
        'Where are tokens and sessions kept?',
      ],
    );
    assert.ok(existsSync(join(folder, 'src', 'server.js')));
    assert.equal(manifestIn(folder).dependencies['lmdb'], VERSIONS.lmdb, 'nothing is the one that the question names');
    assert.equal(manifestIn(folder).name, 'my-server');
  });

  it('asks only for what the options leave out, and nothing with --yes, or without a terminal', async () => {
    const { questions } = await type(['init', folder, '--store', 'memory'], ['typescript']);
    assert.equal(questions.length, 1);
    assert.deepEqual((await type(['init', join(home, 'a'), '--yes'], [])).questions, []);
    const { code } = await type(['init', join(home, 'b')]);
    assert.equal(code, 0);
    assert.ok(existsSync(join(home, 'b', 'src', 'server.ts')));
  });

  it('says which database has to run, and where, in the README too', async () => {
    for (const [store, said] of [
      ['postgres', /DATABASE_URL.*postgres:\/\/localhost\/postgres/],
      ['redis', /REDIS_URL.*redis:\/\/localhost:6379/],
    ] as const) {
      const { out } = await type(['init', join(home, store), '--language', 'javascript', '--store', store], []);
      assert.match(out, said);
      assert.match(readFileSync(join(home, store, 'README.md'), 'utf8'), new RegExp(`^\\| .*${said.source}`, 'm'));
    }
  });

  it('writes JSON that says what it wrote', async () => {
    const { code, out } = await type(['init', folder, '--json', '--language', 'javascript', '--store', 'redis'], []);
    const { files, ...choice } = JSON.parse(out);
    assert.equal(code, 0);
    assert.deepEqual(choice, { directory: folder, name: 'my-server', language: 'javascript', store: 'redis' });
    const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.equal(there.length, files.length);
    for (const file of files) assert.ok(existsSync(join(folder, file)), file);
  });

  it('ends with 1, and writes nothing, where the folder is not empty', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), 'mine');
    const { code, err } = await type(['init', folder, '--yes']);
    assert.equal(code, 1);
    assert.match(err, /is not empty: nothing was written/);
    assert.deepEqual(readdirSync(folder), ['package.json']);
    assert.equal(readFileSync(join(folder, 'package.json'), 'utf8'), 'mine');
  });

  it('writes into a repository without files', async () => {
    mkdirSync(join(folder, '.git'), { recursive: true });
    assert.equal((await type(['init', folder, '--yes'])).code, 0);
  });

  for (const [what, args, message] of [
    ['an unknown language', ['--language', 'rust'], /^--language is typescript, javascript/],
    ['an unknown store', ['--store', 'mysql'], /^--store is memory, lmdb, postgres, redis/],
    ['two folders', ['a', 'b'], /^A project has one folder/],
    ['an unknown option', ['--stroe', 'lmdb'], /^Unknown option/],
  ] as const)
    it(`ends with 2 for ${what}`, async () => {
      const { code, err } = await type(['init', ...args]);
      assert.equal(code, 2);
      assert.match(err, message);
      assert.match(err, /Usage: koauthorize init/);
    });

  for (const language of LANGUAGES)
    for (const store of STORES)
      it(`leaves no sign of a template in a project in ${language} with ${store}`, async () => {
        await type(['init', folder, '--language', language, '--store', store]);
        const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        for (const file of files) {
          const text = readFileSync(join(file.parentPath, file.name), 'utf8');
          assert.doesNotMatch(text, /[⟦⟧]|undefined\/|%[A-Z]+%/, file.name);
          if (language === 'javascript') assert.doesNotMatch(text, /\binterface \w|import type|\.ts\b/, file.name);
        }
      });

  for (const store of ['memory', 'lmdb'])
    it(`does not store an ended session again in a project with ${store}`, async () => {
      const place = join(root, 'test', 'output', `init-logout-${store}`); // from where modules are found
      await type(['init', place, '--store', store, '--yes']);
      try {
        const { openStorage } = await import(pathToFileURL(join(place, 'src', 'storage.ts')).href);
        const storage = await openStorage(join(place, 'data'));
        await assertNotBroughtBack(storage);
        await storage.close();
      } finally {
        rmSync(place, { recursive: true });
      }
    });

  it('says in the consent where an app without a host goes on: the scheme', async () => {
    const place = join(root, 'test', 'output', 'init-consent');
    await type(['init', place, '--store', 'memory', '--yes']);
    try {
      const { consent } = await import(pathToFileURL(join(place, 'src', 'pages.ts')).href);
      const page = (redirectURI: string) =>
        consent({ transactionID: 'x', client: { client_name: 'x' }, redirectURI, req: {} });
      assert.match(page('com.example.app:/cb'), /you then go on to com\.example\.app:\./);
      assert.match(page('https://app.example/cb'), /you then go on to app\.example\./);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('names the packages that this repository is tested with, and this version of it', async () => {
    const { devDependencies, dependencies, version }: Manifest = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    const known = { ...devDependencies, ...dependencies };
    assert.deepEqual(VERSIONS, Object.fromEntries(Object.keys(VERSIONS).map((name) => [name, known[name]])));
    await type(['init', folder, '--yes']);
    assert.equal(manifestIn(folder).dependencies['koauthorize'], `^${version}`);
  });

  describe('writes a server', () => {
    const place = join(root, 'test', 'output', 'init-hostile'); // from where modules are found
    let app: Koa;
    before(async () => {
      rmSync(place, { recursive: true, force: true });
      await type(['init', place, '--store', 'memory', '--yes']);
      const load = (name: string) => import(pathToFileURL(join(place, 'src', name)).href);
      const [{ createApp }, { openStorage }] = await Promise.all([load('app.ts'), load('storage.ts')]);
      app = createApp({ issuer: 'http://localhost', storage: await openStorage(), keys: ['a key'] });
      app.silent = true;
    });
    after(() => {
      rmSync(place, { recursive: true, force: true });
    });

    it('that answers hostile input with 4xx', async () => {
      const http = createServer(app.callback()).listen(0, '127.0.0.1');
      await once(http, 'listening');
      const statusOf = async (request: string): Promise<string | undefined> => {
        const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
        socket.end(request);
        const [answer] = await once(socket.setEncoding('utf8'), 'data');
        socket.destroy();
        return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
      };
      const form = (body: string) =>
        `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      try {
        assert.equal(await statusOf('GET http://[::1/authorize HTTP/1.1\r\nHost: localhost\r\n\r\n'), '400');
        assert.equal(await statusOf(form(`username=${'x'.repeat(100_000)}`)), '413');
        assert.equal(await statusOf(form('username=alice')), '403');
      } finally {
        http.closeAllConnections();
        http.close();
      }
    });

    it('that keeps no name of a stranger, who may send a long one', async () => {
      const csrf = createHash('sha256').update('secret').digest('base64url');
      const keys = await limiterKeys(async () => {
        for (const more of ['', 'x'])
          await request(app.callback())
            .post('/login')
            .set('Cookie', 'form=secret')
            .type('form')
            .send({ csrf, username: 'x'.repeat(50_000) + more, password: 'x' })
            .expect(403);
      });
      assert.equal(keys.length, 3); // two names, one address
      for (const key of keys) assert.ok(key.length < 100, `a key of ${key.length} characters`);
    });

    it('that does not start with an empty key of cookies, or a short one', async () => {
      const before = process.env['KEYS'];
      try {
        for (const keys of ['', 'short', `${'x'.repeat(32)},`]) {
          process.env['KEYS'] = keys;
          const program = `${pathToFileURL(join(place, 'src', 'server.ts')).href}?keys=${keys}`;
          await assert.rejects(import(program), /KEYS .*32 characters or more/);
        }
      } finally {
        if (before === undefined) delete process.env['KEYS'];
        else process.env['KEYS'] = before;
      }
    });

    it('that limits guesses of passwords and of secrets, also at the same moment', async () => {
      const csrf = createHash('sha256').update('secret').digest('base64url');
      const logIn = (password: string) =>
        request(app.callback())
          .post('/login')
          .set('Cookie', 'form=secret')
          .type('form')
          .send({ csrf, username: 'alice', password });
      const token = (secret: string) =>
        request(app.callback())
          .post('/token')
          .auth('demo', secret)
          .type('form')
          .send({ grant_type: 'authorization_code', code: 'x', code_verifier: 'x'.repeat(43) });
      for (const [guess, right, refused, taken] of [
        [logIn, 'wonderland', 403, 303],
        [token, 'only-the-demo-knows', 401, 400],
      ] as const) {
        for (let time = 0; time < 11; time++)
          assert.equal((await guess(right)).status, taken, 'whoever is right is never slowed down');
        const answers = await Promise.all(Array.from({ length: 12 }, (_, word) => guess(`${word}`)));
        const statuses = answers.map(({ status }) => status).sort();
        assert.deepEqual(statuses, [...Array(10).fill(refused), 429, 429]);
        const late = await guess(right);
        assert.equal(late.status, 429);
        assert.ok(Number(late.headers['retry-after']) > 0);
      }
    });
  });

  describe('writes a storage in PostgreSQL', () => {
    const place = join(root, 'test', 'output', 'init-postgres'); // from where modules are found
    const database = 'koauthorize_init';
    let postgres: Postgres | undefined;
    let client: Client;
    before(async function () {
      this.timeout(60_000);
      postgres = await startPostgres();
      if (!postgres) return skipStore(this, 'PostgreSQL');
      client = new Client(postgres.config);
      await client.connect();
      rmSync(place, { recursive: true, force: true });
      await type(['init', place, '--store', 'postgres', '--yes']);
    });
    after(async () => {
      rmSync(place, { recursive: true, force: true });
      await client?.end();
      await postgres?.remove();
    });

    async function isInUse(): Promise<boolean> {
      const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE datname = $1', [database]);
      return rowCount !== 0;
    }

    /** Does something in a database that is empty, and removes it. */
    async function inDatabase(work: (open: () => Promise<Storage>) => Promise<void>): Promise<void> {
      const { openStorage } = await import(pathToFileURL(join(place, 'src', 'storage.ts')).href);
      await client.query(`CREATE DATABASE ${database}`);
      try {
        const url = new URL(`/${database}`, postgres?.url).href; // with the name and the password of the other
        await work(() => openStorage(url));
      } finally {
        for (let time = 0; time < 100 && (await isInUse()); time++) await pause(20); // a server ends a connection after its client
        await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
      }
    }

    it('that processes may open at the same moment, in a database that is empty', () =>
      inDatabase(async (open) => {
        const opened = await Promise.allSettled(Array.from({ length: 10 }, open));
        for (const each of opened) if (each.status === 'fulfilled') await each.value.close();
        const refused = opened.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
        assert.deepEqual(refused, []);
      }));

    it('that does not store an ended session again', () =>
      inDatabase(async (open) => {
        const storage = await open();
        await assertNotBroughtBack(storage);
        await storage.close();
      }));

    it('that keeps sessions with whatever text a client has sent', () =>
      inDatabase(async (open) => {
        const { sessions, close } = await open();
        const session = { asked: { '\u0000': '\ud800', text: 'a\u0000b' } };
        await sessions.set('key', session, 60_000, requestWith(undefined));
        const kept = await sessions.get('key');
        await close();
        assert.deepEqual(kept, session);
      }));
  });
});
