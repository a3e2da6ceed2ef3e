/** The doctor and a real PostgreSQL: its indexes, and its clock. */
import assert from 'node:assert/strict';
import { diagnose } from 'koauthorize/doctor';
import { postgresStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { patientWith } from '../support/patient.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

describe('the doctor of a PostgreSQL store', function () {
  this.timeout(60_000);
  let postgres: Postgres | undefined;
  let pool: Pool;
  before(async function () {
    postgres = await startPostgres();
    if (!postgres) return this.skip();
    pool = new Pool(postgres.config);
  });
  after(async () => {
    await pool?.end();
    await postgres?.remove();
  });

  const examined = async (table: string, options: object = {}) => {
    const store = postgresStore({ pool, table });
    try {
      const { findings } = await diagnose(patientWith({ store, options }), {
        only: ['storeIncomplete', 'clockSkew', 'storeVolatile'],
        production: true,
      });
      return findings.map(({ rule, found }) => `${rule}: ${found}`);
    } finally {
      await store.close();
    }
  };

  it('finds nothing where the store has made its tables, and leaves nothing there', async () => {
    assert.deepEqual(await examined('doctor_whole'), []);
    const { rows } = await pool.query('SELECT id FROM doctor_whole');
    assert.deepEqual(rows, []);
  });

  it('finds the index that was dropped', async () => {
    assert.deepEqual(await examined('doctor_dropped'), []);
    await pool.query('DROP INDEX doctor_dropped_expiry');
    assert.deepEqual(await examined('doctor_dropped'), [
      'storeIncomplete: doctor_dropped has no index doctor_dropped_expiry',
    ]);
  });

  it('finds it in a schema, too', async () => {
    await pool.query('CREATE SCHEMA apart');
    assert.deepEqual(await examined('apart.tokens'), []);
    await pool.query('DROP INDEX apart.tokens_subject');
    assert.deepEqual(await examined('apart.tokens'), ['storeIncomplete: apart.tokens has no index tokens_subject']);
  });

  it('finds that the clock of the server is wrong', async () => {
    const found = await examined('doctor_whole', { now: () => Date.now() / 1000 + 300 });
    assert.match(found.join(), /^clockSkew: The store’s clock is (29\d|300) s behind the server’s$/);
  });
});
