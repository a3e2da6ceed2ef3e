/** What comes too late has no effect, whatever it waited for. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { type PostgresPool, postgresStore } from '../../../lib/token-service/store/postgres.js';
import { StoreUnavailableError, type TokenRecord, type TokenStore } from '../../../lib/token-service/store.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);

/** Seconds that the callers wait, and milliseconds by which all of them have given up. */
const PATIENCE = 0.3;
const LATER = 600;

describe('the deadline of a statement in PostgreSQL', function () {
  this.timeout(30_000);
  const table = `deadline_${random().toLowerCase().replaceAll('-', '_')}`;
  let server: Postgres | undefined;
  let pool: Pool;
  let store: TokenStore;

  before(async function () {
    NOW = Math.floor(Date.now() / 1000);
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
    pool = new Pool({ ...server.config, max: 8 });
    pool.on('error', () => {});
    store = postgresStore({ pool, table });
    await store.put([authorization(NOW).record()], NOW);
  });

  after(async () => {
    await store?.close();
    if (process.env['DATABASE_URL'])
      await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool?.end();
    await server?.remove();
  });

  /** Does it while something is held in a transaction; the callers have given up before that ends. */
  async function whileHeld(hold: (client: PoolClient) => Promise<unknown>, work: () => Promise<void>): Promise<void> {
    const client = await pool.connect();
    await client.query('BEGIN');
    await hold(client);
    try {
      await work();
      await sleep(LATER);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    await settled();
  }

  /** Nothing of ours waits in the database any more. */
  async function settled(): Promise<void> {
    const busy = `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${table}%' AND pid <> pg_backend_pid()`;
    while ((await pool.query(busy)).rows.length > 0) await sleep(10);
  }

  /** It has made its tables, and knows the database's clock. */
  async function ready(limited: TokenStore): Promise<void> {
    const isAnswered = () =>
      limited.get('no.record', NOW).then(
        () => true,
        () => false,
      );
    while (!(await isAnswered()));
  }

  async function gaveUp(calls: readonly Promise<unknown>[]): Promise<void> {
    const begun = performance.now();
    for (const outcome of await Promise.allSettled(calls)) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailableError);
    }
    assert.ok(performance.now() - begun < 2000, 'nobody waits longer than that');
  }

  /** Neither did the token's consumption happen, nor was anything of it stored; a retry is the first. */
  async function nothingHappened(token: TokenRecord, absent: readonly TokenRecord[], from = store): Promise<void> {
    assert.deepEqual(await from.get(token.id, NOW), token);
    for (const { id } of absent) assert.equal(await from.get(id, NOW), undefined);
    assert.equal((await from.consume(token.id, { now: NOW, within: 5 }))?.first, true);
    assert.equal(await from.put(absent, NOW, 5), true);
  }

  for (const [limit, options] of Object.entries({ within: {}, 'the timeout of the store': { timeout: PATIENCE } })) {
    it(`holds while another has locked the tables, by ${limit}`, async () => {
      const limited = postgresStore({ pool, table, ...options });
      const within = limit === 'within' ? PATIENCE : 60;
      const { record } = authorization(NOW);
      const [token, next, other] = [record(), record(), record()];
      await store.put([token], NOW);
      await ready(limited);
      await whileHeld(
        (client) => client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`),
        () =>
          gaveUp([limited.consume(token.id, { now: NOW, next: [next], within }), limited.put([other], NOW, within)]),
      );
      await nothingHappened(token, [next, other]);
      await limited.close();
    });
  }

  it('holds while another has locked the row', async () => {
    const { record } = authorization(NOW);
    const [token, next] = [record(), record()];
    await store.put([token], NOW);
    await whileHeld(
      (client) => client.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [token.id]),
      () => gaveUp([store.consume(token.id, { now: NOW, next: [next], within: PATIENCE })]),
    );
    await nothingHappened(token, [next]);
  });

  it('holds while another stores a row of the same ID and takes it back: all of it or nothing', async () => {
    const { record, authorizationID } = authorization(NOW);
    const [token, next, one, taken] = [record(), record(), record(), record()];
    await store.put([token], NOW);
    const insert = `INSERT INTO ${table} VALUES ($1, 'refresh_token', $2, '', NULL, $3, 'null')`;
    await whileHeld(
      async (client) => {
        for (const { id } of [next, taken]) await client.query(insert, [id, authorizationID, NOW + 600]);
      },
      () =>
        gaveUp([
          store.consume(token.id, { now: NOW, next: [next], within: PATIENCE }),
          store.put([one, taken], NOW, PATIENCE),
        ]),
    );
    await nothingHappened(token, [next, one, taken]);
  });

  it('holds while the pool has no connection', async () => {
    const small = new Pool({ ...server?.config, max: 1 });
    small.on('error', () => {});
    const waiting = postgresStore({ pool: small, table });
    const { record } = authorization(NOW);
    const [token, next, other] = [record(), record(), record()];
    await waiting.put([token], NOW);
    const client = await small.connect();
    const calls = [
      waiting.consume(token.id, { now: NOW, next: [next], within: PATIENCE }),
      waiting.put([other], NOW, PATIENCE),
    ];
    await gaveUp(calls);
    await sleep(LATER);
    client.release();
    await waiting.get(token.id, NOW); // its turn in the pool's queue comes after theirs
    await nothingHappened(token, [next, other], waiting);
    await waiting.close();
    await small.end();
  });

  it('is nearer for reads: one that waited for a connection for half of its time leaves it to writes', async () => {
    const small = new Pool({ ...server?.config, max: 1 });
    small.on('error', () => {});
    const waiting = postgresStore({ pool: small, table, timeout: 2 });
    const { record } = authorization(NOW);
    const [token, next] = [record(), record()];
    await waiting.put([token], NOW);
    const client = await small.connect();
    const reads = [
      waiting.get(token.id, NOW),
      waiting.list(token.subject ?? '', NOW),
      (async () => {
        for await (const _ of waiting.listByClient(token.clientID, NOW));
      })(),
    ];
    const write = waiting.consume(token.id, { now: NOW, next: [next] });
    const refused = Promise.all(reads.map((read) => assert.rejects(read, StoreUnavailableError)));
    await sleep(1300);
    client.release();
    await refused;
    assert.equal((await write)?.first, true);
    assert.deepEqual(await waiting.get(next.id, NOW), next, 'the connection is still good');
    await waiting.close();
    await small.end();
  });

  it('holds for the first use, whose tables are not made yet', async () => {
    const name = `${table}_b`;
    const asked = (text: string) => `${text}`.includes('$migration$');
    const query = async (text: string, values?: unknown[]) => {
      if (asked(text)) await sleep(LATER);
      return await pool.query(text, values);
    };
    const slow = postgresStore({ pool: { query }, table: name });
    const record = authorization(NOW).record();
    await gaveUp([slow.put([record], NOW, PATIENCE)]);
    await sleep(LATER);
    assert.equal(await slow.get(record.id, NOW), undefined);
    assert.equal(await slow.put([record], NOW, 60), true);
    await slow.close();
    await pool.query(`DROP TABLE ${name}, ${name}_revoked, ${name}_schema`);
  });

  it('is put right with the next call where the database’s clock was set forward or back', async () => {
    for (const wrong of [-100, 100]) {
      let asked = 0;
      const query = async (text: string, values?: unknown[]) => {
        const answer = await pool.query(text, values);
        if (!/^SELECT extract/.test(text) || asked++ > 0) return answer;
        return { rows: [{ time: answer.rows[0].time + wrong }] };
      };
      const misled = postgresStore({ pool: { query }, table });
      const { record } = authorization(NOW);
      if (wrong < 0) await gaveUp([misled.put([record()], NOW, PATIENCE)]);
      else assert.equal(await misled.put([record()], NOW, 60), true);
      const token = record();
      assert.equal(await misled.put([token], NOW, 60), true);
      await whileHeld(
        (client) => client.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [token.id]),
        () => gaveUp([misled.consume(token.id, { now: NOW, within: PATIENCE })]),
      );
      await nothingHappened(token, []);
      await misled.close();
    }
  });

  it('costs no round trip: each operation is one statement', async () => {
    let asked = 0;
    const query: PostgresPool['query'] = (text, values) => {
      asked++;
      return pool.query(text, values);
    };
    const counted = postgresStore({ pool: { query }, table });
    const { record } = authorization(NOW);
    const token = record();
    await counted.put([record()], NOW);
    const operations = [
      () => counted.put([token], NOW, 5),
      () => counted.get(token.id, NOW),
      () => counted.consume(token.id, { now: NOW, next: [record()], within: 5 }),
      () => counted.revoke(token.authorizationID, NOW + 600, NOW),
    ];
    for (const operation of operations) {
      asked = 0;
      await operation();
      assert.equal(asked, 1);
    }
    await counted.close();
  });
});
