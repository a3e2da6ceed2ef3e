/** Sends statements through a pool of connections. */
import { StoreUnavailableError } from '../store.js';
import { here, tooLate, within } from './deadline.js';

interface Result {
  readonly rows: unknown[];
}

/** The part of a `Pool` of pg that is used. Pools of other packages have it too. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<Result>;
}

/** A statement as pg takes it. With a name it is prepared once for each connection. */
interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

/** A connection, as the pools of pg lend it. */
interface Connection {
  query(statement: Statement): Promise<Result>;
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
  /** @param error ends the connection */
  release(error?: unknown): void;
}

/** @param latest until when a connection must be free, by `here()`. @throws StoreUnavailableError if none is free by then: nothing is sent */
export type Ask = (statement: Statement, latest: number) => Promise<Result>;

/** SQLSTATE of errors that leave the connection usable: wrong values, missing privileges, a conflict, a lock, a timeout. Other errors may end the connection. */
const HARMLESS = /^(?:(?:0A|22|23|40|42|55|P0)...|57014)$/;

/** Whether the connection is still usable: nothing was sent, or the server has answered with an error. `severity` may be in the server's language. */
function isHarmless(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  const { code, severity } = (error ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && code.length === 5 && (severity === 'ERROR' || HARMLESS.test(code));
}

/** If a connection breaks, pg emits an `error` event and also rejects the query: without a listener for the event, the process would end. */
const heard = (): void => {};

/** Works with a connection, and gives it back. */
async function using<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  let broken: unknown;
  connection.on('error', heard);
  try {
    return await work();
  } catch (error) {
    if (!isHarmless(error)) broken = error;
    throw error;
  } finally {
    connection.removeListener('error', heard);
    connection.release(broken);
  }
}

/**
 * Waits for the answer of a connection. If none comes, the connection is closed: otherwise a connection that a firewall has dropped silently would never return
 * to the pool. A statement that only waits for a lock still takes effect, since the server does not check the connection meanwhile.
 */
async function heardWithin(seconds: number, answer: Promise<Result>): Promise<Result> {
  try {
    return await within(seconds, answer);
  } catch (cause) {
    throw cause instanceof StoreUnavailableError ? new Error('The connection went silent', { cause }) : cause;
  }
}

const giveUp = (): Promise<never> => Promise.reject(tooLate());

/** A pool that lends its connections, as those of pg do. A single connection has a method `connect`, too. */
interface Lender {
  connect(lend: (error: unknown, connection?: Connection) => void): void;
}

function isLender(pool: object): pool is Lender {
  return 'connect' in pool && 'waitingCount' in pool;
}

/**
 * Makes the function that sends statements. If the pool lends its connections, a statement that waited too long for one is not sent: it would take time of the
 * database from statements whose callers still wait. Other pools send every statement, however late.
 *
 * @param silence seconds after which a connection that does not answer is ended
 */
export function queryOf(pool: PostgresPool, silence: number): Ask {
  if (!isLender(pool)) {
    const plain = pool as unknown as { query(statement: Statement): Promise<Result> };
    return (statement) =>
      statement.name === undefined ? pool.query(statement.text, statement.values) : plain.query(statement);
  }
  return (statement, latest) =>
    new Promise((resolve, reject) => {
      // a callback, not a promise: if the connection broke before the promise's callbacks ran, it would have no `error` listener
      pool.connect((error, connection) => {
        if (!connection) return reject(error);
        const work = here() > latest ? giveUp : () => heardWithin(silence, connection.query(statement));
        using(connection, work).then(resolve, reject);
      });
    });
}
