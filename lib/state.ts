/** Typed access to `ctx.state.oauth2`, and to what the toolkit stores with a transaction. */
import type { Context } from 'koa';
import type { OAuth2Error } from './errors/oauth2-error.js';
import type { Grant } from './plugs.js';
import type { Transaction } from './types.js';

/**
 * The shape of `ctx.state` at the authorization endpoint, for a typed router.
 *
 * @example new Router<OAuth2State<App, User>>()
 */
export interface OAuth2State<C, U> {
  oauth2: Transaction<C, U>;
  user?: U;
}

/** Sends an error to the client of a transaction. */
type Exit = (error: OAuth2Error) => Promise<void>;

/** Answers a decided transaction with the parameters that a grant issues. */
type Answer<C, U> = (grant: Grant<C, U>, txn: Transaction<C, U>) => Promise<void>;

const ANSWER = Symbol('koauthorize:answer');

interface Answering<C, U> {
  [ANSWER]?: Answer<C, U>;
}

/** What the toolkit stores with a transaction. */
interface Known {
  /** Whether the toolkit began or loaded the transaction. Otherwise the application made it. */
  readonly isOurs: boolean;
  /** Null if errors must not be sent to the client, because the resource owner can still answer the dialog. */
  exit: Exit | null;
}

/** The key on the transaction. Not a WeakMap: its entries are freed only by a full garbage collection, long after the request. */
const KNOWN = Symbol('koauthorize:known');

/** The property is not enumerable, so that a copy that the application makes of a transaction does not get it. */
function remember(txn: object, known: Known): void {
  Object.defineProperty(txn, KNOWN, { value: known, configurable: true });
}

function knownOf(txn: object): Known | undefined {
  return Object.hasOwn(txn, KNOWN) ? (txn as { [KNOWN]?: Known })[KNOWN] : undefined;
}

function setExit(txn: object, exit: Exit | null): void {
  const known = knownOf(txn);
  if (known) known.exit = exit;
  else remember(txn, { isOurs: false, exit });
}

/** The transaction in `ctx.state.oauth2`; undefined until the client is known and its redirect URI, if it has one, is validated. */
export function transactionOf<C, U>(ctx: Context): Transaction<C, U> | undefined {
  const state: Partial<Transaction<C, U>> | undefined = ctx.state['oauth2'];
  return state?.redirectURI || state?.req ? (state as Transaction<C, U>) : undefined;
}

/** Makes a transaction the one of the request. @param exit sends its errors to the client */
export function setTransaction<C, U>(ctx: Context, txn: Transaction<C, U>, exit: Exit): void {
  ctx.state['oauth2'] = txn;
  remember(txn, { isOurs: true, exit });
}

/** From now on the errors of a transaction are sent to the client by `exit`. */
export function openExit(txn: object, exit: Exit): void {
  setExit(txn, exit);
}

/** Called when the transaction has been decided: from now on the `response` function of a grant can answer it. */
export function answerable<C, U>(ctx: Context, answer: Answer<C, U>): void {
  (ctx as Answering<C, U>)[ANSWER] = answer;
}

/** Answers the transaction of the request by a grant. @throws Error if it has not been decided */
export async function answerBy<C, U>(ctx: Context, grant: Grant<C, U>): Promise<void> {
  const txn = transactionOf<C, U>(ctx);
  const answer = (ctx as Answering<C, U>)[ANSWER];
  if (!answer || !txn) throw new Error(`The ${grant.name} grant can respond only to a transaction that was decided`);
  await answer(grant, txn);
}

/** From now on the errors of a transaction are shown to the resource owner and not sent to the client. */
export function withhold(txn: object): void {
  setExit(txn, null);
}

/** Whether the toolkit began or loaded the transaction. */
export function isOurs(txn: object): boolean {
  return knownOf(txn)?.isOurs ?? false;
}

/** The function that sends errors to the client; undefined for a transaction that the application made, null if errors must not be sent. */
export function exitOf(txn: object): Exit | null | undefined {
  return knownOf(txn)?.exit;
}
