/** The one typed door to `ctx.state.oauth2`, and what the toolkit knows of a transaction besides. */
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
export type Exit = (error: OAuth2Error) => Promise<void>;

/** Answers a decided transaction with what a grant gives. */
export type Answer<C, U> = (grant: Grant<C, U>, txn: Transaction<C, U>) => Promise<void>;

const ANSWER = Symbol('koauthorize:answer');

interface Answering<C, U> {
  [ANSWER]?: Answer<C, U>;
}

/** What the toolkit knows of a transaction besides. */
interface Known {
  /** Whether this toolkit began or loaded it, and not the application. */
  readonly isOurs: boolean;
  /** Null: the client must not be told, for the resource owner can still answer. */
  readonly exit: Exit | null;
}

/** Its place on the transaction itself. Not in a WeakMap: what is in one outlives its request, until all garbage is collected. */
const KNOWN = Symbol('koauthorize:known');

/** Not to be seen, and not copied: a copy of a transaction is the application's. */
function remember(txn: object, known: Known): void {
  Object.defineProperty(txn, KNOWN, { value: known, configurable: true });
}

function knownOf(txn: object): Known | undefined {
  return Object.hasOwn(txn, KNOWN) ? (txn as { [KNOWN]?: Known })[KNOWN] : undefined;
}

/** What stands in `ctx.state.oauth2` once the client is known, and its redirect URI is trusted where it has one. */
export function transactionOf<C, U>(ctx: Context): Transaction<C, U> | undefined {
  const state: Partial<Transaction<C, U>> | undefined = ctx.state['oauth2'];
  return state?.redirectURI || state?.req ? (state as Transaction<C, U>) : undefined;
}

/** Makes a transaction the request's, with the way its errors take. */
export function enter<C, U>(ctx: Context, txn: Transaction<C, U>, exit: Exit): void {
  ctx.state['oauth2'] = txn;
  remember(txn, { isOurs: true, exit });
}

/** The errors of a transaction take this way from here on. */
export function openExit(txn: object, exit: Exit): void {
  remember(txn, { isOurs: isOurs(txn), exit });
}

/** From here on a grant's own `response` can answer the request's transaction, which was decided. */
export function answerable<C, U>(ctx: Context, answer: Answer<C, U>): void {
  (ctx as Answering<C, U>)[ANSWER] = answer;
}

/** Answers the transaction that now is the request's as the toolkit does. @throws Error when none was decided */
export async function answerBy<C, U>(ctx: Context, grant: Grant<C, U>): Promise<void> {
  const txn = transactionOf<C, U>(ctx);
  const answer = (ctx as Answering<C, U>)[ANSWER];
  if (!answer || !txn) throw new Error(`The ${grant.name} grant can respond only to a transaction that was decided`);
  await answer(grant, txn);
}

/** From here on errors are the resource owner's, not the client's. */
export function withhold(txn: object): void {
  remember(txn, { isOurs: isOurs(txn), exit: null });
}

export function isOurs(txn: object): boolean {
  return knownOf(txn)?.isOurs ?? false;
}

/** The way to the client; undefined for a transaction that is not ours, null where the client must not be told. */
export function exitOf(txn: object): Exit | null | undefined {
  return knownOf(txn)?.exit;
}
