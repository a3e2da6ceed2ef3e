/** Long work is cut into slices: no statement reads, removes or answers without bound. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { postgresStore } from '../../../lib/token-service/store/postgres.js';
import type { TokenRecord, TokenStore } from '../../../lib/token-service/store.js';
import { skipStore } from '../../support/missing-server.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);

describe('what takes long in the PostgreSQL store', function () {
  this.timeout(60_000);
  const table = `slices_${random().toLowerCase().replaceAll('-', '_')}`;
  /** Of each answer the number of rows. */
  let answers: number[] = [];
  /** Done after each answer. */
  let meanwhile: (() => Promise<void>) | undefined;
  let server: Postgres | undefined;
  let pool: Pool;
  let store: TokenStore;

  before(async function () {
    NOW = Math.floor(Date.now() / 1000);
    server = await startPostgres();
    if (!server) skipStore(this, 'PostgreSQL');
    pool = new Pool({ ...server.config, max: 8 });
    pool.on('error', () => {});
    const query = async (text: string, values?: unknown[]) => {
      const answer = await pool.query(text, values);
      answers.push(answer.rows?.length ?? 0);
      await meanwhile?.();
      return answer;
    };
    store = postgresStore({ pool: { query }, table, purgeInterval: 600 });
    await store.put([authorization(NOW).record()], NOW);
  });

  after(async () => {
    await store?.close();
    if (process.env['DATABASE_URL'])
      await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool?.end();
    await server?.remove();
  });

  /** Stores tokens of one authorization, many at once. */
  async function fill(token: TokenRecord, tokens: number, name = table): Promise<void> {
    const [tag = ''] = token.id.split('.');
    await pool.query(
      `INSERT INTO ${name} SELECT $1 || '.' || md5(i::text), 'access_token', $2, $3, $4, $5, 'null' FROM generate_series(1, $6::int) i`,
      [tag, token.authorizationID, token.clientID, token.subject, token.expiresAt, tokens],
    );
  }

  async function count(authorizationID: string): Promise<number> {
    const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${table} WHERE authorization_id = $1`, [
      authorizationID,
    ]);
    return rows[0].count;
  }

  async function ofClient(clientID: string): Promise<readonly TokenRecord[]> {
    const found: TokenRecord[] = [];
    for await (const record of store.listByClient(clientID, NOW)) found.push(record);
    return found;
  }

  it('removes a family of 100,000 in slices; nothing of it is readable from the first one on', async () => {
    const { record, authorizationID } = authorization(NOW);
    const token = record();
    await store.put([token], NOW);
    await fill(token, 100_000);
    const other = authorization(NOW).record();
    await store.put([other], NOW);
    let left = 100_001;
    meanwhile = async () => {
      const now = await count(authorizationID);
      assert.ok(left - now <= 2000, `one statement removed ${left - now}`);
      left = now;
      const { rows } = await pool.query(`SELECT FROM ${table}_revoked WHERE authorization_id = $1`, [authorizationID]);
      assert.equal(rows.length, 1);
    };
    answers = [];
    await store.revoke(authorizationID, NOW + 600, NOW);
    meanwhile = undefined;
    assert.ok(answers.length >= 50, `${answers.length} statements`);
    assert.equal(await count(authorizationID), 0);
    assert.deepEqual(await store.get(other.id, NOW), other);
  });

  it('ends a family of 5,000 for two who end it at once, while tokens are stored', async () => {
    const { record, authorizationID, subject } = authorization(NOW);
    const token = record();
    await store.put([token], NOW);
    await fill(token, 5000);
    const late = Array.from({ length: 20 }, () => record());
    const revoke = () => store.revoke(authorizationID, NOW + 600, NOW);
    await Promise.all([revoke(), ...late.map((each) => store.put([each], NOW)), revoke()]);
    assert.ok((await count(authorizationID)) <= late.length);
    for (const { id } of [token, ...late]) assert.equal(await store.get(id, NOW), undefined);
    assert.deepEqual(await store.list(subject, NOW), []);
  });

  it('answers a list with one row of each authorization, however many tokens it has', async () => {
    const { record, subject } = authorization(NOW);
    const longest = record({ expiresAt: NOW + 900 });
    await store.put([longest], NOW);
    await fill(record(), 20_000);
    const other = authorization(NOW, subject).record();
    await store.put([other], NOW);
    answers = [];
    const listed = await store.list(subject, NOW);
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set([longest.id, other.id]));
    assert.deepEqual(answers, [2]);
  });

  it('lists a client page by page, all of it and nothing twice', async () => {
    const clientID = `client ${random()}`;
    const large = authorization(NOW).record({ clientID });
    await store.put([large], NOW);
    await fill(large, 3500);
    const small = Array.from({ length: 50 }, () => authorization(NOW).record({ clientID }));
    for (const each of small) await store.put([each], NOW);
    answers = [];
    const ids = (await ofClient(clientID)).map(({ id }) => id);
    assert.equal(ids.length, 3551);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id } of [large, ...small]) assert.ok(ids.includes(id));
    assert.ok(answers.length > 4);
    assert.ok(answers.every((rows) => rows <= 1000));
  });

  it('lists an authorization of a client that is refreshed between two pages, though what was consumed is gone at once', async () => {
    const name = `${table}_b`;
    const clientID = `client ${random()}`;
    const { record, tag, authorizationID } = authorization(NOW);
    const token = (rest: string) => record({ clientID, id: `${tag}.${rest}` });
    const writing = postgresStore({ pool, table: name, purgeInterval: 600 });
    await writing.put([token('zzz')], NOW);
    await fill({ ...token('zzz'), expiresAt: NOW - 10 }, 1500, name); // expired, not purged yet, and before it
    const query = async (text: string, values?: unknown[]) => {
      const answer = await pool.query(text, values);
      if (/\bpage\b/.test(text))
        await writing.consume(token('zzz').id, { now: NOW, next: [token('000')], keepUntil: NOW });
      return answer;
    };
    const store = postgresStore({ pool: { query }, table: name, purgeInterval: 600 });
    const found: TokenRecord[] = [];
    for await (const each of store.listByClient(clientID, NOW)) found.push(each);
    assert.ok(await store.get(token('000').id, NOW), 'it was refreshed meanwhile');
    assert.deepEqual([...new Set(found.map((each) => each.authorizationID))], [authorizationID]);
    for (const each of [store, writing]) await each.close();
    await pool.query(`DROP TABLE ${name}, ${name}_revoked, ${name}_schema`);
  });

  it('purges in batches, each of which begins where the one before ended', async () => {
    const name = `${table}_c`;
    const ids = Array.from({ length: 1200 }, (_, i) => ({ ...authorization(NOW).record(), expiresAt: NOW - 5000 + i }));
    const asked: { from: unknown; count: number }[] = [];
    const query = async (text: string, values?: unknown[]) => {
      const answer = await pool.query(text, values);
      if (/SKIP LOCKED/.test(text) && !/_revoked t/.test(text))
        asked.push({ from: values?.[2], count: answer.rows[0].count });
      return answer;
    };
    const filling = postgresStore({ pool, table: name, purgeInterval: 600, timeout: 60 }); // they wait for each other
    await Promise.all(ids.map((record) => filling.put([record], NOW - 6000)));
    const purging = postgresStore({ pool: { query }, table: name, purgeInterval: 0.02 });
    await purging.get('no.record', NOW); // purging begins with the first call
    while (asked.length < 4) await sleep(20); // the test's own time limit ends it
    assert.deepEqual(asked.slice(0, 4), [
      { from: Number.NEGATIVE_INFINITY, count: 500 },
      { from: NOW - 5000 + 499, count: 500 },
      { from: NOW - 5000 + 999, count: 200 },
      { from: Number.NEGATIVE_INFINITY, count: 0 }, // the next purge begins anew: a row may have been locked
    ]);
    for (const each of [filling, purging]) await each.close();
    await pool.query(`DROP TABLE ${name}, ${name}_revoked, ${name}_schema`);
  });
});
