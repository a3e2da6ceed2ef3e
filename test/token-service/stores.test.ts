/** What the token service promises, on every store there is: the races and replays of issue and contract, over HTTP. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore, memoryStore, postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import { tokenServer } from '../support/token-server.js';

interface Opened {
  readonly store: TokenStore;
  close(): Promise<void>;
}

/** The real time: Redis has a clock of its own. */
const now = (): number => Math.floor(Date.now() / 1000);

async function memory(): Promise<Opened> {
  const store = memoryStore();
  return { store, close: () => store.close() };
}

async function lmdb(): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-'));
  const store = lmdbStore({ path: join(directory, 'tokens') });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { store, close };
}

async function postgres(): Promise<Opened | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const pool = new Pool({ ...server.config, max: 8 });
  pool.on('error', () => {});
  const table = `service_${process.pid}`;
  const store = postgresStore({ pool, table });
  const close = async (): Promise<void> => {
    await store.close();
    await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool.end();
    await server.remove();
  };
  return { store, close };
}

async function redis(): Promise<Opened | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const client = createClient({ url: server.urls[0] ?? '' });
  client.on('error', () => {});
  const store = redisStore({ client: await client.connect(), prefix: `service-${process.pid}` });
  const close = async (): Promise<void> => {
    await store.close();
    await client.close();
    await server.remove();
  };
  return { store, close };
}

const RACERS = 50;

const STORES = { memory, lmdb, PostgreSQL: postgres, Redis: redis } as const;

for (const [name, open] of Object.entries(STORES)) {
  describe(`the token service on ${name}`, function () {
    this.timeout(30_000);
    let opened: Opened | undefined;
    before(async function () {
      opened = await open();
      if (!opened) skipStore(this, name);
    });
    after(() => opened?.close());

    const serve = () => tokenServer({ tokens: { store: opened?.store as TokenStore, now } });

    it(`of ${RACERS} exchanges of one code exactly one succeeds, and the others end what came of it`, async () => {
      const { authorize, redeem, isActive } = serve();
      const code = await authorize();
      const answers = await Promise.all(Array.from({ length: RACERS }, () => redeem(code)));
      const given = answers.filter(({ status }) => status === 200);
      assert.equal(given.length, 1);
      assert.equal(answers.filter(({ body }) => body.error === 'invalid_grant').length, RACERS - 1);
      const isStillActive = await isActive(given[0]?.body.access_token);
      assert.equal(isStillActive, false);
    });

    it(`${RACERS} refreshes with one token get one and the same successor`, async () => {
      const { connect, refresh, isActive } = serve();
      const { refresh_token } = await connect();
      const answers = await Promise.all(Array.from({ length: RACERS }, () => refresh(refresh_token)));
      const successors = new Set(answers.map(({ status, body }) => `${status} ${body.refresh_token}`));
      assert.equal(successors.size, 1);
      const successor: string = answers[0]?.body.refresh_token;
      const activity = [await isActive(successor), await isActive(refresh_token)];
      assert.deepEqual(activity, [true, false]);
    });

    it(`RFC 7523 §3 item 7: of ${RACERS} who use one jti at once exactly one is first, and nobody after`, async () => {
      const { tokens } = serve();
      const until = now() + 60;
      const use = (key: string) => tokens.useOnce(key, until);
      const outcomes = await Promise.all(Array.from({ length: RACERS }, () => use(`raced ${name}`)));
      assert.equal(outcomes.filter(Boolean).length, 1);
      const later = [await use(`raced ${name}`), await use(`another ${name}`), await use(`another ${name}`)];
      assert.deepEqual(later, [false, true, false]);
    });

    it('what a user took back is over, and listed no more', async () => {
      const { connect, tokens, isActive, refresh } = serve();
      const user = { id: `bob ${name}`, name: 'Bob' };
      const { access_token, refresh_token } = await connect({}, user.id);
      const [app] = await tokens.listAuthorizations(user);
      assert.deepEqual(app?.scope, ['read', 'write']);
      const ended = await tokens.revokeAuthorization(user, app?.authorizationID ?? '');
      assert.equal(ended, true);
      const left = await tokens.listAuthorizations(user);
      assert.deepEqual(left, []);
      const isStillActive = await isActive(access_token);
      assert.equal(isStillActive, false);
      await refresh(refresh_token).expect(400);
    });
  });
}
