/** Connections that say nothing any more, and do not end: a firewall has forgotten them, or what stands between hangs. */
import assert from 'node:assert/strict';
import { Client, Pool } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { postgresStore } from '../../../lib/token-service/store/postgres.js';
import { StoreUnavailableError, type TokenStore } from '../../../lib/token-service/store.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { postgresCounter, startWire, type Wire } from '../../support/wire.js';

/** Seconds that a call of the stores waits. */
const TIMEOUT = 0.2;

describe('a connection of PostgreSQL that goes silent', function () {
  this.timeout(20_000);
  let server: Postgres | undefined;
  let wire: Wire;
  let pool: Pool;
  let store: TokenStore;
  let now: number;

  before(async function () {
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
  });

  beforeEach(async () => {
    const { host, port, user, database, password } = new Client(server?.config);
    wire = await startWire({ host, port }, postgresCounter);
    const to = { host: '127.0.0.1', port: wire.port, user, database };
    pool = new Pool({ ...to, ...(password && { password }), max: 2 });
    pool.on('error', () => {});
    await pool.query('SELECT');
    now = Math.floor(Date.now() / 1000);
    store = postgresStore({ pool, table: `silent_${random().toLowerCase().replaceAll('-', '_')}`, timeout: TIMEOUT });
  });

  afterEach(async () => {
    await store.close();
    await wire.close();
    await pool.end();
  });

  after(() => server?.remove());

  /** What is refused meanwhile is asked again, for ten seconds and more. */
  async function inTheEnd<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        return await work();
      } catch (error) {
        assert.ok(error instanceof StoreUnavailableError);
      }
    }
    assert.fail('the pool has no connection that works');
  }

  it('while it makes the tables keeps nobody from it, also where the pool lends no connections', async () => {
    let asked = 0;
    const query = (text: string, values?: unknown[]) => {
      asked += 1;
      return asked === 1 ? new Promise<never>(() => {}) : pool.query(text, values);
    };
    const table = `silent_${random().toLowerCase().replaceAll('-', '_')}`;
    const other = postgresStore({ pool: { query }, table, timeout: TIMEOUT });
    await assert.rejects(other.get('a.b', now), StoreUnavailableError);
    assert.equal(await inTheEnd(() => other.get('a.b', now)), undefined);
    await other.close();
  });

  for (const [name, ready] of Object.entries({
    'before the tables are made': async () => {},
    'before the time of the database is known': () => store.get('a.b', now),
    later: () => store.put([authorization(now).record()], now),
  }))
    it(`is ended, so that the pool has room for another: ${name}`, async () => {
      await inTheEnd<unknown>(ready);
      await Promise.all([1, 2].map(() => pool.query('SELECT pg_sleep(0.05)')));
      assert.equal(pool.totalCount, 2);
      wire.silence();
      const record = authorization(now).record();
      await assert.rejects(store.put([record], now), StoreUnavailableError);
      assert.equal(await inTheEnd(() => store.put([record], now)), true);
      assert.deepEqual(await inTheEnd(() => store.get(record.id, now)), record);
    });
});
