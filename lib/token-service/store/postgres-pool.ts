/** Sends statements by way of a pool of connections. */
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

/** @param latest when a connection must be free at the latest, by `here()`. @throws StoreUnavailableError where it is later: then nothing is sent */
export type Ask = (statement: Statement, latest: number) => Promise<Result>;

/** SQLSTATE of errors that leave the connection usable: wrong values, missing privileges, a conflict, a lock, a timeout. Other errors may end the connection. */
const HARMLESS = /^(?:(?:0A|22|23|40|42|55|P0)...|57014)$/;

/** Whether the connection is still good: nothing was sent, or the server has answered with an error. A server says its severity in its own language. */
function isHarmless(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  const { code, severity } = (error ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && code.length === 5 && (severity === 'ERROR' || HARMLESS.test(code));
}

/** pg emits the error of a connection that breaks besides rejecting its query: without a listener this would end the process. */
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
 * Waits for the answer of a connection, which is ended where none comes: it would stay out of the pool for ever, as do those that a firewall has
 * forgotten. A statement that only waits for a lock takes effect all the same, since the server does not look at the connection meanwhile.
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
 * How statements are sent. A pool that lends its connections is asked for one: a statement that waited too long for it is not sent, so that it takes no
 * time of the database from those that are still waited for. Other pools send every statement, when they can.
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
      // a callback, and not a promise: a connection that breaks before the promise's turn would find no listener
      pool.connect((error, connection) => {
        if (!connection) return reject(error);
        const work = here() > latest ? giveUp : () => heardWithin(silence, connection.query(statement));
        using(connection, work).then(resolve, reject);
      });
    });
}
