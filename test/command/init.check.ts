/** The projects that `koauthorize init` writes: each is installed from the packed tarball, compiled, started, used, and its own tests are run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STORES } from '../../lib/command/init/choice.js';
import { LANGUAGES } from '../../lib/command/init/render.js';
import { startedProgram } from '../newcomer/program.js';
import { type Outcome, run } from '../run.js';
import { freePort } from '../support/free-port.js';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import { installIn } from './installed.js';
import { visits } from './visits.js';

type Store = (typeof STORES)[number];

/** Where a project finds its database; undefined where there is none on this machine. */
interface Database {
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const none = async (): Promise<Database> => ({ env: {}, remove: async () => {} });

const DATABASES: Readonly<Record<Store, () => Promise<Database | undefined>>> = {
  memory: none,
  lmdb: none,
  async postgres() {
    const postgres = await startPostgres();
    if (!postgres) return undefined;
    return { env: { DATABASE_URL: postgres.url }, remove: postgres.remove };
  },
  async redis() {
    const redis = await startRedis();
    return redis && { env: { REDIS_URL: redis.urls[0] ?? '' }, remove: redis.remove };
  },
};

/** The callback of the demo client has a fixed port, which may be taken here. */
function movePort(directory: string, from: string, to: number): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.[jt]s$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, `${to}`));
  }
}

describe('projects of koauthorize init', function () {
  this.timeout(600_000);
  let home: string;
  let modules: string;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'koauthorize-projects-'));
    modules = await installIn(home);
  });
  after(() => {
    rmSync(home, { recursive: true, force: true });
  });

  for (const store of STORES)
    describe(`with ${store}`, () => {
      let database: Database;
      const folderOf = (language: (typeof LANGUAGES)[number]): string => join(home, `${language}-${store}`);
      const inFolder = (folder: string, command: string): Promise<Outcome> =>
        run(
          'env',
          [...Object.entries(database.env).map(([name, value]) => `${name}=${value}`), 'bash', '-c', command],
          folder,
        );
      /** The own tests of both projects wait for most of their time (for grace periods): they run while the projects are compiled and started. */
      const ownTests = new Map<string, Promise<Outcome>>();

      before(async function () {
        const found = await DATABASES[store]();
        if (!found) return skipStore(this, store);
        database = found;
        for (const language of LANGUAGES) {
          const project = folderOf(language);
          const flags = ['--language', language, '--store', store];
          const { ok, output } = await run(join(modules, '.bin', 'koauthorize'), ['init', project, ...flags], home);
          assert.ok(ok, output);
          symlinkSync(modules, join(project, 'node_modules'));
          movePort(project, '4000', await freePort());
          ownTests.set(language, inFolder(project, 'npm test'));
        }
      });
      after(async () => {
        await Promise.all(ownTests.values());
        await database?.remove();
      });

      for (const language of LANGUAGES)
        describe(`in ${language}`, () => {
          const project = (): string => folderOf(language);
          const inProject = (command: string): Promise<Outcome> => inFolder(project(), command);

          if (language === 'typescript')
            it('compiles', async () => {
              const { ok, output } = await inProject('npm run types');
              assert.ok(ok, output);
            });

          it('starts, its client gets a token, and its attacks attack it', async () => {
            const port = await freePort();
            const issuer = `http://localhost:${port}`;
            const env = { ...database.env, PORT: `${port}`, ISSUER: issuer };
            const server = startedProgram('npm start', project(), env);
            const client = startedProgram('npm run client', project(), env);
            try {
              assert.match(await server.line, / is ready/);
              const [, url = ''] = /^Open (\S+)$/m.exec(await client.line) ?? [];
              const { account } = JSON.parse(await visits(url, { username: 'alice', password: 'wonderland' }));
              assert.deepEqual(account, { client: 'demo', name: 'Alice Liddell' });
              const attacked = await inProject(`ISSUER=${issuer} npm run attack -- --only code-replay`);
              assert.ok(attacked.ok, attacked.output);
              assert.match(attacked.stdout, /^1 withstood, 0 succeeded/m);
            } finally {
              await Promise.all([server.stop(), client.stop()]);
            }
          });
        });

      // In a suite of its own, after the others: mocha runs the tests of a suite before the suites in it.
      describe('passes its own tests, the attacks among them', () => {
        for (const language of LANGUAGES)
          it(`in ${language}`, async () => {
            const { ok, stdout, output } = await (ownTests.get(language) ?? assert.fail('they were begun'));
            assert.ok(ok, output);
            assert.match(stdout, /^# pass 6$/m);
          });
      });
    });
});
