/** What becomes of the connection that a statement was sent by. */
import assert from 'node:assert/strict';
import { queryOf } from '../../../lib/token-service/store/postgres-pool.js';
import { TOO_LATE } from '../../../lib/token-service/store/postgres-statements.js';

/** A pool with one connection, whose server answers with an error. @returns what it was given back with */
async function givenBackAfter(answer: object): Promise<readonly unknown[]> {
  const givenBack: unknown[] = [];
  const connection = {
    on: () => {},
    removeListener: () => {},
    query: () => Promise.reject(Object.assign(new Error('refused'), answer)),
    release: (error?: unknown) => void givenBack.push(error),
  };
  const pool = {
    waitingCount: 0,
    connect: (lend: (error: unknown, lent: object) => void) => lend(undefined, connection),
    query: () => assert.fail('the connection is lent'),
  };
  const ask = queryOf(pool);
  await assert.rejects(ask({ text: 'SELECT', values: [] }, Number.POSITIVE_INFINITY), /refused/);
  return givenBack;
}

const isKept = async (answer: object): Promise<boolean> => (await givenBackAfter(answer))[0] === undefined;

describe('a connection of PostgreSQL', () => {
  it('is kept after an error of the statement, also where the server speaks another language', async () => {
    assert.ok(await isKept({ code: TOO_LATE, severity: 'ERROR' }));
    for (const code of [TOO_LATE, '40001', '55P03', '57014'])
      assert.ok(await isKept({ code, severity: 'FEHLER' }), code);
  });

  it('is ended where the server ends it, or nothing is known of it', async () => {
    for (const answer of [
      { code: '57P01', severity: 'FATAL' },
      { code: '57P01', severity: 'FATALE' },
      { code: '25P03', severity: 'FATAL' },
      { code: 'ECONNRESET' },
      { code: 'EPIPE', severity: 'ERROR?' },
      {},
    ])
      assert.ok(!(await isKept(answer)), JSON.stringify(answer));
  });
});
