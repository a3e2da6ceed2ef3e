/** Where transactions wait. No code. */
import type { Context } from 'koa';
import type { AuthorizationRequest, Awaitable } from './types.js';

/** A waiting transaction as it is stored: plain JSON. Members without a value are left out. */
export interface TransactionRecord {
  readonly protocol: 'oauth2';
  /** The server at which it began: no other server answers it. Absent in records of oauth2orize-koa and of koauthorize 0.1. */
  readonly server?: string | undefined;
  /** What `serializeClient` gave. */
  readonly client: unknown;
  readonly redirectURI: string;
  readonly webOrigin?: string | undefined;
  /** The request. If an extension keeps the request elsewhere, only its `reference` and the members that every answer needs. */
  readonly req: AuthorizationRequest;
  readonly info?: unknown;
  /** What the user has done on account of this request. */
  readonly done?: readonly string[] | undefined;
  /** Who was logged in when it began, or has logged in on account of it. */
  readonly subject?: string | undefined;
  /** When it began, in epoch seconds. Absent in records that oauth2orize-koa wrote. */
  readonly at?: number | undefined;
  /**
   * The sealed answer to a dialog, for a user who presses its button twice. Such a record is not a waiting transaction: its ID is derived from the
   * dialog's, and of its other members only `at` has a meaning.
   */
  readonly answer?: string | undefined;
}

/** The last argument of each call of a transaction store. */
export interface TransactionOptions {
  /** The key under which a session keeps its transactions; stores that use no session ignore it. Default `authorize`. */
  readonly sessionKey: string;
}

/**
 * Keeps transactions between the authorization request and the decision.
 *
 * The toolkit also stores the answer to a dialog here, for some seconds: a record with the member `answer`, under an ID of its own. A store
 * treats it like every other record. It may delete any record ten minutes after it was stored.
 *
 * A store must bind a transaction to the browser that began it, by the session or by a cookie: the transaction's ID is the dialog's CSRF
 * token, and protects only with that binding. Of concurrent calls of `remove` exactly one must return `true`, across processes: otherwise
 * two decisions could count for one dialog.
 */
export interface TransactionStore {
  /** Set it to true if the store itself bounds the number of records of one browser. Otherwise the toolkit does. */
  readonly isBounded?: boolean;
  /** The IDs of the transactions that wait in this browser, oldest first, without records that have an `answer`. Optional. */
  waiting?(ctx: Context, options: TransactionOptions): Awaitable<readonly string[]>;
  load(ctx: Context, transactionID: string, options: TransactionOptions): Awaitable<TransactionRecord | undefined>;
  store(ctx: Context, transactionID: string, record: TransactionRecord, options: TransactionOptions): Awaitable<void>;
  /** Replaces a stored record. It must not bring a removed record back. */
  update(ctx: Context, transactionID: string, record: TransactionRecord, options: TransactionOptions): Awaitable<void>;
  /** @returns whether this call removed the record */
  remove(ctx: Context, transactionID: string, options: TransactionOptions): Awaitable<boolean>;
  /**
   * Called after a login has renewed the session. What is stored from then on must not be found with the cookie that the browser had before: an attacker
   * may have planted it (session fixation). Optional: a store that is bound to the key of the session needs nothing.
   */
  renew?(ctx: Context, options: TransactionOptions): Awaitable<void>;
  /** Learns the clock of a server that is made with it, in epoch seconds: by another clock, records would end too early. Optional. */
  useClock?(now: () => number): void;
}

/** What this process knows of the dialogs that were answered in it, for as long as a copy of one could be shown again. */
export interface AnsweredDialogs {
  has(id: string): boolean;
  add(id: string): void;
  /** The dialog waits again. */
  forget(id: string): void;
  /** Keeps the sealed answer for a few seconds, and whether it was sent. */
  keep(id: string, answer: { readonly record: TransactionRecord; isSent(): boolean }): void;
  answerTo(id: string): { readonly record: TransactionRecord; isSent(): boolean } | undefined;
  /** Resolves when the requests that are answering the dialog now have finished; undefined if there is none. */
  untilAnswered(id: string): Promise<void> | undefined;
  /** Runs work that answers a dialog, after all earlier work for the same dialog. */
  inTurn<T>(id: string, work: () => Promise<T>): Promise<T>;
}
