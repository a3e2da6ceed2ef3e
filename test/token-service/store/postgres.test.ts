import assert from 'node:assert/strict';
import { Pool } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { type PostgresPool, postgresStore } from '../../../lib/token-service/store/postgres.js';
import { StoreUnavailableError } from '../../../lib/token-service/store.js';
import { freePort } from '../../support/free-port.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);

describe('postgresStore', function () {
  this.timeout(30_000);
  const table = `tokens_${random().toLowerCase().replaceAll('-', '_')}`;
  const env: Record<string, string> = { TABLE: table };
  let server: Postgres | undefined;
  let pool: Pool;

  before(async function () {
    NOW = Math.floor(Date.now() / 1000);
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
    env['POOL'] = JSON.stringify(server.config);
    pool = new Pool({ ...server.config, max: 12 });
    pool.on('error', () => {});
  });

  after(async () => {
    if (process.env['DATABASE_URL'])
      await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool?.end();
    await server?.remove();
  });

  const open = () => postgresStore({ pool, table, purgeInterval: 0.1, purgeDelay: 0 });

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

  it('leaves tables of a later version alone', async () => {
    const name = `${table}_c`;
    await pool.query(`CREATE TABLE ${name}_schema (version int); INSERT INTO ${name}_schema VALUES (99)`);
    const store = postgresStore({ pool, table: name });
    await assert.rejects(store.get('a.b', NOW), /is of version 99/);
    await store.close();
    await pool.query(`DROP TABLE ${name}_schema`);
  });

  it('refuses what is no name of a table', () => {
    for (const name of ['', 'a"b', 'a;b', 'a b', 'A', 'a.b.c', 'a'.repeat(46)]) {
      assert.throws(() => postgresStore({ pool, table: name }), TypeError, name);
    }
    assert.ok(postgresStore({ pool, table: 'a_schema.tokens' }));
  });

  it('is content with a pool that takes texts and values only, and prepares statements where it can', async () => {
    const asked: unknown[] = [];
    const query = (text: string, values?: unknown[]) => {
      asked.push(text);
      return pool.query(text, values);
    };
    const record = authorization(NOW).record();
    const plain = postgresStore({ pool: { query }, table });
    await plain.put([record], NOW);
    assert.equal((await plain.consume(record.id, { now: NOW }))?.first, true);
    assert.ok(asked.every((text) => typeof text === 'string'));
    await plain.close();

    const client = await pool.connect();
    const prepared = postgresStore({ pool: client as unknown as PostgresPool, table });
    assert.equal((await prepared.consume(record.id, { now: NOW }))?.first, false);
    const { rows } = await client.query('SELECT name FROM pg_prepared_statements');
    assert.ok(rows.some(({ name }) => /^koauthorize consume /.test(name)));
    await prepared.close();
    client.release();
  });

  it('takes an unreadable record for an absent one', async () => {
    const store = open();
    const { record, subject } = authorization(NOW);
    const [broken, name, fine] = [record(), record(), record()];
    await store.put([broken, name, fine], NOW);
    await pool.query(`UPDATE ${table} SET data = '{' WHERE id = $1`, [broken.id]);
    await pool.query(`UPDATE ${table} SET client_id = '\\u12' WHERE id = $1`, [name.id]);
    for (const { id } of [broken, name]) {
      assert.equal(await store.get(id, NOW), undefined);
      assert.equal(await store.consume(id, { now: NOW }), undefined);
    }
    assert.deepEqual(await store.list(subject, NOW), [fine]);
    await store.close();
  });

  it('does not wait for ever', async () => {
    const record = authorization(NOW).record();
    const [patient, store] = [postgresStore({ pool, table }), postgresStore({ pool, table, timeout: 0.2 })];
    await patient.put([record], NOW);
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [record.id]);
    await assert.rejects(store.consume(record.id, { now: NOW }), StoreUnavailableError);
    assert.ok(await patient.get(record.id, NOW), 'reading waits for nobody');
    await client.query('COMMIT');
    client.release();
    for (const each of [patient, store]) await each.close();
  });

  it('says what is wrong where trying again is of no use', async () => {
    const store = postgresStore({ pool, table: 'no_such_schema.tokens' });
    const wrong = (error: { code?: string }): boolean =>
      error.code === '3F000' || error instanceof StoreUnavailableError;
    await assert.rejects(store.get('a.b', NOW), wrong);
    await store.close();
  });

  it('is unavailable, with the cause, where nobody listens', async () => {
    const deaf = new Pool({ host: '127.0.0.1', port: await freePort() });
    const store = postgresStore({ pool: deaf, table });
    const refused = (error: unknown): boolean =>
      error instanceof StoreUnavailableError && (error.cause as { code?: string }).code === 'ECONNREFUSED';
    for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(store.get('a.b', NOW), refused);
    await assert.rejects(store.put([authorization(NOW).record()], NOW), refused);
    await store.close();
    await deaf.end();
  });

  it('makes its tables with a later call where the first could not', async () => {
    let down = true;
    const query = async (text: string, values?: unknown[]) => {
      if (down) throw new Error('down');
      return await pool.query(text, values);
    };
    const store = postgresStore({ pool: { query }, table });
    await assert.rejects(store.get('a.b', NOW), StoreUnavailableError);
    down = false;
    assert.equal(await store.get('a.b', NOW), undefined);
    await store.close();
  });

  it('loses nothing it acknowledged when the server is killed, and goes on when it is back', async function () {
    if (!server || process.env['DATABASE_URL']) this.skip();
    const store = open();
    const acknowledged: [id: string, consumed: boolean][] = [];
    const failures: unknown[] = [];
    let killed: Promise<void> | undefined;
    const write = async (): Promise<void> => {
      while (failures.length === 0) {
        const record = authorization(NOW).record();
        await store.put([record], NOW);
        acknowledged.push([record.id, false]);
        await store.consume(record.id, { now: NOW, seal: 'sealed' });
        acknowledged.push([record.id, true]);
        if (acknowledged.length > 500) killed ??= server?.kill();
      }
    };
    await Promise.all(Array.from({ length: 8 }, () => write().catch((error: unknown) => failures.push(error))));
    await killed;
    try {
      await assert.rejects(store.get('a.b', NOW), StoreUnavailableError);
    } finally {
      await server.start();
    }
    assert.ok(failures.length > 0);
    for (const error of failures) assert.ok(error instanceof StoreUnavailableError && error.cause instanceof Error);
    for (const [id, consumed] of acknowledged) {
      const record = await store.get(id, NOW);
      assert.ok(record, id);
      if (consumed) assert.equal(record.seal, 'sealed');
    }
    await store.close();
  });
});
