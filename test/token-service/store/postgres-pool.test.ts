/** What becomes of the connection that a statement was sent by. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { queryOf } from '../../../lib/token-service/store/postgres-pool.js';
import { TOO_LATE } from '../../../lib/token-service/store/postgres-statements.js';

/** A pool with one connection. @returns what it was given back with, and how many listeners stay */
async function givenBackFrom(query: (connection: EventEmitter) => Promise<never>, latest = Number.POSITIVE_INFINITY) {
  const givenBack: unknown[] = [];
  const connection = Object.assign(new EventEmitter(), {
    query: () => query(connection),
    release: (error?: unknown) => void givenBack.push(error),
  });
  const pool = {
    waitingCount: 0,
    connect: (lend: (error: unknown, lent: object) => void) => lend(undefined, connection),
    query: () => assert.fail('the connection is lent'),
  };
  await assert.rejects(queryOf(pool, 60)({ text: 'SELECT', values: [] }, latest), /refused|deadline/);
  assert.equal(givenBack.length, 1);
  return { broken: givenBack[0], listeners: connection.listenerCount('error') };
}

const refused = (answer: object): Error => Object.assign(new Error('refused'), answer);

const isKept = async (answer: object): Promise<boolean> =>
  (await givenBackFrom(() => Promise.reject(refused(answer)))).broken === undefined;

describe('a connection of PostgreSQL', () => {
  it('is kept after an error of the statement, also where the server speaks another language', async () => {
    for (const code of [TOO_LATE, '54001']) assert.ok(await isKept({ code, severity: 'ERROR' }), code);
    for (const code of [TOO_LATE, '0A000', '22003', '23505', '40001', '42501', '55P03', 'P0001', '57014'])
      assert.ok(await isKept({ code, severity: 'FEHLER' }), code);
  });

  it('is ended where the server ends it, or nothing is known of it', async () => {
    for (const answer of [
      { code: '57P01', severity: 'FATAL' },
      { code: '57P01', severity: 'FATALE' },
      { code: '25P03', severity: 'FATAL' },
      { code: 'ECONNRESET' },
      { code: 'EPIPE', severity: 'ERROR?' },
      { code: 'ERR_STREAM_DESTROYED', severity: 'ERROR' },
      {},
    ])
      assert.ok(!(await isKept(answer)), JSON.stringify(answer));
  });

  it('is kept where the statement came too late to be sent', async () => {
    const { broken } = await givenBackFrom(() => assert.fail('it is sent'), 0);
    assert.equal(broken, undefined);
  });

  it('that breaks while it works ends no process, and is left without a listener', async () => {
    const { broken, listeners } = await givenBackFrom((connection) => {
      connection.emit('error', new Error('which Node throws where nobody listens'));
      return Promise.reject(refused({ code: 'ECONNRESET' }));
    });
    assert.match(String(broken), /refused/);
    assert.equal(listeners, 0);
  });

  it('that is alone, and no pool, has a method connect, too, which is not called', async () => {
    const client = { connect: () => assert.fail('it is connected'), query: async () => ({ rows: ['a row'] }) };
    assert.deepEqual(await queryOf(client, 60)({ text: 'SELECT', values: [] }, 0), { rows: ['a row'] });
  });

  it('that there is none of is told', async () => {
    const pool = {
      waitingCount: 0,
      connect: (lend: (error: unknown) => void) => lend(new Error('refused')),
      query: () => assert.fail('no connection is lent'),
    };
    await assert.rejects(
      queryOf(pool, 60)({ text: 'SELECT', values: [] }, Number.POSITIVE_INFINITY),
      /^Error: refused$/,
    );
  });
});
