/** Whose clock counts: one machine whose clock is wrong harms itself alone. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { postgresStore } from '../../../lib/token-service/store/postgres.js';
import { DatabaseTime } from '../../../lib/token-service/store/postgres-time.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);
const HOUR = 3600;

describe('the clock of the PostgreSQL store', function () {
  this.timeout(30_000);
  const table = `clock_${random().toLowerCase().replaceAll('-', '_')}`;
  let server: Postgres | undefined;
  let pool: Pool;

  before(async function () {
    NOW = Math.floor(Date.now() / 1000);
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
    pool = new Pool({ ...server.config, max: 8 });
    pool.on('error', () => {});
  });

  after(async () => {
    if (process.env['DATABASE_URL'])
      await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool?.end();
    await server?.remove();
  });

  async function count(id: string): Promise<number> {
    const { rows } = await pool.query(
      `SELECT (SELECT count(*) FROM ${table} WHERE id = $1)::int + (SELECT count(*) FROM ${table}_revoked WHERE authorization_id = $1)::int AS count`,
      [id],
    );
    return rows[0].count;
  }

  /** A machine's clock, for as long as it works. */
  async function withClockAhead(seconds: number, work: () => Promise<void>): Promise<void> {
    const right = Date.now;
    Date.now = () => right() + seconds * 1000;
    try {
      await work();
    } finally {
      Date.now = right;
    }
  }

  it('is that of the database: a machine whose clock is an hour fast removes no records of others', async () => {
    const others = postgresStore({ pool, table, purgeInterval: 600 });
    const { record } = authorization(NOW);
    const [live, used] = [record(), record({ kind: 'jti', consumedAt: NOW, expiresAt: NOW + 300 })];
    const ended = authorization(NOW);
    await others.put([live, used], NOW);
    await others.revoke(ended.authorizationID, NOW + 600, NOW);
    await withClockAhead(HOUR, async () => {
      const ahead = postgresStore({ pool, table, purgeInterval: 0.02, purgeDelay: 0 });
      const now = NOW + HOUR;
      assert.equal(await ahead.put([{ ...used, expiresAt: now + 300 }], now), false, 'used is used');
      assert.equal(await ahead.put([{ ...live, expiresAt: now + 300 }], now), false);
      await sleep(300);
      await ahead.close();
    });
    assert.deepEqual(await others.get(live.id, NOW), live);
    assert.equal((await others.consume(used.id, { now: NOW }))?.first, false);
    assert.equal(await count(ended.authorizationID), 1, 'what was revoked is remembered');
    await others.close();
  });

  it('is not the only one: what is live for whoever puts a record is not replaced', async () => {
    const store = postgresStore({ pool, table, purgeInterval: 600, clock: () => NOW + 100 });
    const record = authorization(NOW).record({ expiresAt: NOW + 50 });
    await store.put([record], NOW);
    assert.equal(await store.put([record], NOW + 49), false);
    const used = { ...record, consumedAt: NOW + 50, expiresAt: NOW + 200 };
    assert.equal(await store.put([used], NOW + 50), true);
    assert.deepEqual(await store.get(record.id, NOW + 50), used);
    await store.close();
  });

  it('says when a record was consumed, and how long ago that is, to machines whose clocks differ', async () => {
    const store = postgresStore({ pool, table });
    const token = authorization(NOW).record();
    await store.put([token], NOW);
    const [{ time: before }] = (await pool.query('SELECT extract(epoch FROM clock_timestamp())::float8 AS time')).rows;
    const first = await store.consume(token.id, { now: NOW - 15 });
    assert.equal(first?.now, first?.record.consumedAt);
    assert.ok(first && first.now >= before && first.now < before + 5);
    await sleep(20);
    const again = await store.consume(token.id, { now: NOW + 15 });
    const elapsed = (again?.now ?? 0) - (again?.record.consumedAt ?? 0);
    assert.ok(elapsed >= 0.02 && elapsed < 5, `${elapsed}`);
    await store.close();
  });

  it('says so of the moment when the lock was had, not of the one when it was asked for', async () => {
    const store = postgresStore({ pool, table });
    const token = authorization(NOW).record();
    await store.put([token], NOW);
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [token.id]);
    const consuming = store.consume(token.id, { now: NOW });
    await sleep(200);
    const { rows } = await client.query('SELECT extract(epoch FROM clock_timestamp())::float8 AS time');
    await client.query('COMMIT');
    client.release();
    assert.ok(((await consuming)?.record.consumedAt ?? 0) >= rows[0].time);
    await store.close();
  });

  it('purges late, but a sealed answer at once', async () => {
    let now = NOW;
    const store = postgresStore({ pool, table, purgeInterval: 0.02, clock: () => now });
    const { record, authorizationID } = authorization(NOW);
    const kept = [record({ expiresAt: NOW + 10 }), record({ expiresAt: NOW + 10, kind: 'jti', consumedAt: NOW })];
    const sealed = record();
    await store.put([...kept, sealed], NOW);
    await store.consume(sealed.id, { now: NOW, seal: 'an answer', keepUntil: NOW + 10 });
    const revoked = authorization(NOW).authorizationID;
    await store.revoke(revoked, NOW + 10, NOW);
    const late = [...kept.map(({ id }) => id), revoked];
    const counts = () => Promise.all(late.map(count));
    await sleep(200);
    assert.equal(await count(sealed.id), 1);
    now = NOW + 11;
    while ((await count(sealed.id)) > 0) await sleep(20); // the test's own time limit ends it
    now = NOW + 69;
    await sleep(200);
    assert.deepEqual(await counts(), [1, 1, 1]);
    now = NOW + 71;
    while ((await counts()).some(Boolean)) await sleep(20);
    assert.equal(await count(authorizationID), 0);
    await store.close();
  });

  it('keeps the mark of a revocation as long as any record that it hides, and counts from its own time', async () => {
    let now = NOW;
    const store = postgresStore({ pool, table, purgeInterval: 0.02, purgeDelay: 0, clock: () => now });
    const { record, authorizationID } = authorization(NOW);
    const [long, late] = [record({ expiresAt: NOW + 500 }), record({ expiresAt: NOW + 500 })];
    await store.revoke(authorizationID, NOW - HOUR + 100, NOW - HOUR); // by a machine whose clock is an hour behind
    assert.equal(await store.put([late], NOW), false);
    await sleep(200);
    assert.equal(await count(authorizationID), 1);
    const insert = `INSERT INTO ${table} SELECT $1, 'refresh_token', $2, '', NULL, $3, 'null'`;
    await pool.query(insert, [long.id, authorizationID, long.expiresAt]); // as one that was on its way
    now = NOW + 200;
    await sleep(200);
    assert.equal(await store.get(long.id, NOW), undefined);
    assert.equal(await count(authorizationID), 1);
    now = NOW + 501;
    while ((await count(authorizationID)) > 0 || (await count(long.id)) > 0) await sleep(20);
    await store.close();
  });

  it('reads what 0.1.0 stored, and 0.1.0 what it stores: the tables are the same', async () => {
    const store = postgresStore({ pool, table });
    const { record, authorizationID } = authorization(NOW);
    const [fresh, old] = [record(), record()];
    await store.put([fresh], NOW);
    const { rows } = await pool.query(`SELECT * FROM ${table} WHERE id = $1`, [fresh.id]);
    const columns = 'id kind authorization_id client_id subject expires_at data consumed_at seal'.split(' ');
    assert.deepEqual(Object.keys(rows[0]), columns);
    assert.deepEqual((await pool.query(`SELECT version FROM ${table}_schema`)).rows, [{ version: 1 }]);
    await pool.query(`INSERT INTO ${table} VALUES ($1, 'refresh_token', $2, 'a client', $3, $4, $5, $6, 'sealed')`, [
      old.id,
      authorizationID,
      old.subject,
      old.expiresAt,
      JSON.stringify(old.data),
      NOW,
    ]);
    const again = await store.consume(old.id, { now: NOW });
    assert.deepEqual(again?.record, { ...old, consumedAt: NOW, seal: 'sealed' });
    await store.close();
  });
});

describe('the database’s time', () => {
  before(() => {
    NOW = Math.floor(Date.now() / 1000);
  });
  it('is never taken to be later than it is, and is known better with each quick answer', () => {
    const time = new DatabaseTime();
    assert.equal(time.isKnown, false);
    assert.equal(time.at(5), Number.NEGATIVE_INFINITY);
    time.note(10, 12, 1011); // ahead by 999 to 1001
    assert.equal(time.at(0), 999);
    time.note(20, 20.25, 1020.25); // by 1000 to 1000.25
    time.note(30, 34, 1032); // by 998 to 1002: tells nothing new
    assert.equal(time.at(0), 1000);
    time.note(40, 40.5, 1030.25); // by 989.75 to 990.25: it was set back
    assert.equal(time.at(0), 989.75);
    time.forget();
    assert.equal(time.isKnown, false);
  });
});
