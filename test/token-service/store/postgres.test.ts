import assert from 'node:assert/strict';
import { Pool } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { postgresStore } from '../../../lib/token-service/store/postgres.js';
import { StoreUnavailableError } from '../../../lib/token-service/store.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

const NOW = Math.floor(Date.now() / 1000);

describe('postgresStore', function () {
  this.timeout(30_000);
  const table = `tokens_${random().toLowerCase().replaceAll('-', '_')}`;
  const env: Record<string, string> = { TABLE: table };
  let server: Postgres | undefined;
  let pool: Pool;

  before(async function () {
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
    env['POOL'] = JSON.stringify(server.config);
    pool = new Pool({ ...server.config, max: 12 });
    pool.on('error', () => {});
  });

  after(async () => {
    if (server) await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool?.end();
    await server?.remove();
  });

  const open = () => postgresStore({ pool, table, purgeInterval: 0.1 });

  async function dump(): Promise<string> {
    const tables = [table, `${table}_revoked`].map(async (name) => (await pool.query(`SELECT * FROM ${name}`)).rows);
    return JSON.stringify(await Promise.all(tables));
  }

  const processes = { module: new URL('./workers/postgres.ts', import.meta.url), env };
  storeContract({ describe, it }, { open, second: open, dump, processes });

  it('makes its tables once, however many start at once', async () => {
    const name = `${table}_b`;
    const stores = Array.from({ length: 12 }, () => postgresStore({ pool, table: name }));
    await Promise.all(stores.map((store) => store.put([authorization(NOW).record()], NOW)));
    const { rows } = await pool.query(
      `SELECT version, (SELECT count(*)::int FROM ${name}) AS count FROM ${name}_schema`,
    );
    assert.deepEqual(rows, [{ version: 1, count: 12 }]);
    for (const store of stores) await store.close();
    await pool.query(`DROP TABLE ${name}, ${name}_revoked, ${name}_schema`);
  });

  it('exists', () => assert.ok(StoreUnavailableError));
});
