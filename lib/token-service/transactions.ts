/** Keeps waiting dialogs in the store of tokens, so that several processes need no second store. */
import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { epoch } from '../clock.js';
import { requireTimeout } from '../http/fetch-text.js';
import { perRequest } from '../http/per-request.js';
import { type OptionNames, requireKnown } from '../options.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import { random } from '../secrets/random.js';
import { seal, unseal } from '../secrets/seal.js';
import type { TransactionRecord } from '../types.js';
import { type StoredRecord, StoreUnavailableError, type TokenRecord, type TokenStore } from './store.js';
import { timed } from './timed.js';

/** Options of `storedTransactions()`. */
export interface StoredTransactionsOptions {
  /** The time in epoch seconds. Default: that of the server. */
  readonly now?: () => number;
  /** Seconds that a call of the store may take. After that the user is asked to try again. Default 5. */
  readonly timeout?: number;
}

const KNOWN: OptionNames<StoredTransactionsOptions> = { now: true, timeout: true };

/** Dialogs of one browser, and as many answers to others. One more removes the oldest. */
const MOST = 8;

/** Seconds for which a dialog may wait: the server refuses older ones. */
const LIFETIME = 600;

/** Of concurrent changes of one dialog one succeeds at each try. */
const TRIES = 5;

/** The secret that a browser has in its cookie. */
const BROWSER = /^[\w-]{43}$/;

/** What a record has, sealed with the browser's secret: the dialog's ID is its CSRF token, which nobody must learn from the store. */
interface Kept {
  readonly id: string;
  readonly record: TransactionRecord;
}

interface Found extends Kept {
  readonly storedAs: string;
}

const browserOfRequest = perRequest<string>('browser');

function cookieName({ secure }: Context, { sessionKey }: TransactionOptions): string {
  return `${secure ? '__Host-' : ''}${sessionKey}.browser`; // a server on a sibling subdomain cannot set a cookie with such a name
}

/** The secret of the browser; undefined for one that has none yet. */
function browserOf(ctx: Context, options: TransactionOptions): string | undefined {
  const sent = browserOfRequest.of(ctx) ?? ctx.cookies.get(cookieName(ctx, options), { signed: false });
  return sent !== undefined && BROWSER.test(sent) ? sent : undefined;
}

/** A secret for a browser that has none, or has logged in. It has it until it is closed. */
function newBrowser(ctx: Context, options: TransactionOptions): string {
  const { secure } = ctx;
  const browser = random(32);
  browserOfRequest.set(ctx, browser);
  const attributes = { signed: false, secure, httpOnly: true, sameSite: 'lax', overwrite: true } as const;
  ctx.cookies.set(cookieName(ctx, options), browser, attributes);
  return browser;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** Stands for the browser in `list`. It is no user's subject. */
function subjectOf(browser: string): string {
  return `transactions ${digest(`browser:${browser}`)}`;
}

/** A dialog is an authorization of its own, whose records share a tag. Each change has another ID: `list` gives the one that is not consumed. */
function recordOf(browser: string, kept: Kept, now: number): TokenRecord {
  const subject = subjectOf(browser);
  const tag = digest(subject).slice(0, 3);
  return {
    id: `${tag}.${random(32)}`,
    kind: 'transaction',
    authorizationID: `${tag}.${digest(`transaction:${browser}:${kept.id}`)}`,
    clientID: '',
    subject,
    expiresAt: Math.ceil(now + LIFETIME),
    data: seal(kept, browser),
  };
}

function foundIn({ id: storedAs, kind, data }: StoredRecord, browser: string): Found[] {
  if (kind !== 'transaction') return [];
  return [Object.assign(unseal(String(data), browser) as Kept, { storedAs })];
}

/** Oldest first. @param isAnswer of the answers, or of the dialogs that wait */
function byAge(found: readonly Found[], isAnswer: boolean): Found[] {
  const some = found.filter(({ record }) => (record.answer !== undefined) === isAnswer);
  return some.sort((a, b) => (a.record.at ?? 0) - (b.record.at ?? 0));
}

class StoredTransactions implements TransactionStore {
  readonly isBounded = true;
  readonly #store: TokenStore;
  readonly #now: () => number;
  #serverNow = epoch;

  constructor(store: TokenStore, { timeout = 5, now }: StoredTransactionsOptions) {
    this.#store = timed(store, timeout);
    this.#now = now ?? (() => this.#serverNow());
  }

  async #all(browser: string | undefined): Promise<readonly Found[]> {
    if (browser === undefined) return [];
    const records = await this.#store.list(subjectOf(browser), this.#now());
    return records.flatMap((record) => foundIn(record, browser));
  }

  async #find(browser: string | undefined, transactionID: string): Promise<Found | undefined> {
    return (await this.#all(browser)).find(({ id }) => id === transactionID);
  }

  /** @param next what replaces it. @returns whether this call was the one, of those in all processes */
  async #take({ storedAs }: Found, next: readonly TokenRecord[] = []): Promise<boolean> {
    const now = this.#now();
    return (await this.#store.consume(storedAs, { now, next, keepUntil: now }))?.first === true;
  }

  async waiting(ctx: Context, options: TransactionOptions): Promise<readonly string[]> {
    return byAge(await this.#all(browserOf(ctx, options)), false).map(({ id }) => id);
  }

  async load(ctx: Context, id: string, options: TransactionOptions): Promise<TransactionRecord | undefined> {
    return (await this.#find(browserOf(ctx, options), id))?.record;
  }

  async store(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const known = browserOf(ctx, options);
    const browser = known ?? newBrowser(ctx, options);
    const others = byAge(await this.#all(known), record.answer !== undefined).filter((other) => other.id !== id);
    for (const oldest of others.slice(0, Math.max(0, others.length + 1 - MOST))) await this.#take(oldest);
    const now = this.#now();
    if (!(await this.#store.put([recordOf(browser, { id, record }, now)], now)))
      throw new Error('The store has not kept a transaction');
  }

  async update(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const browser = browserOf(ctx, options);
    const found = await this.#find(browser, id);
    if (found && browser !== undefined) await this.#take(found, [recordOf(browser, { id, record }, this.#now())]);
  }

  async remove(ctx: Context, id: string, options: TransactionOptions): Promise<boolean> {
    const browser = browserOf(ctx, options);
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#find(browser, id);
      if (!found) return false;
      if (await this.#take(found)) return true; // else it was removed, or replaced by a page that was loaded again
    }
    throw new StoreUnavailableError('The transaction is changed all the time'); // the user may try again
  }

  renew(ctx: Context, options: TransactionOptions): void {
    newBrowser(ctx, options);
  }

  useClock(now: () => number): void {
    this.#serverNow = now;
  }
}

/**
 * Keeps waiting dialogs in a store of `koauthorize/tokens`: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or a `partition` of one. It
 * may be the store of the tokens. It is for applications with several processes: of concurrent decisions on one dialog, in whatever process, one counts,
 * and a cookie that the user sends again brings none back. It needs no session.
 *
 * A dialog is bound to its browser by a cookie with a random secret, which is not stored; what is stored is sealed with it. At most eight wait in one browser.
 *
 * @param store where they are kept
 * @throws TypeError for an option that there is not, and for a `timeout` that is no time
 * @example
 * const store = postgresStore({ pool });
 * createServer({ tokens: tokenService({ store }), transactions: storedTransactions(store) });
 * @see RFC 6749 §10.12
 */
export function storedTransactions(store: TokenStore, options: StoredTransactionsOptions = {}): TransactionStore {
  requireKnown<StoredTransactionsOptions>(options, KNOWN, 'storedTransactions');
  requireTimeout('storedTransactions({ timeout })', options.timeout ?? 5);
  return new StoredTransactions(store, options);
}
