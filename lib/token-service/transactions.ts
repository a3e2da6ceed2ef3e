/** Keeps waiting dialogs in the token store, so that several processes need no second store. */
import type { Context } from 'koa';
import { epoch } from '../clock.js';
import { requireTimeout } from '../http/fetch-text.js';
import { perRequest } from '../http/per-request.js';
import { type OptionNames, requireKnown } from '../options.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import { random } from '../secrets/random.js';
import type { TransactionRecord } from '../types.js';
import {
  byTurn,
  type Dialog,
  type Found,
  firstRecord,
  type Held,
  heldIn,
  nextRecord,
  type Place,
  placesFor,
  subjectOf,
} from './places.js';
import { StoreUnavailableError, type TokenStore } from './store.js';
import { timed } from './timed.js';

/** Options of `storedTransactions()`. */
export interface StoredTransactionsOptions {
  /** The time in epoch seconds. Default: that of the server. */
  readonly now?: () => number;
  /** Seconds that a call of the store may take. After that the user is asked to try again. Default 5. */
  readonly timeout?: number;
}

const KNOWN: OptionNames<StoredTransactionsOptions> = { now: true, timeout: true };

/** How often a removal is tried. Of concurrent changes of one dialog, one succeeds at each try. */
const TRIES = 5;

/** How often a request tries all places. A request loses a place only to another request, which got it, so eight concurrent requests need one round. */
const WALKS = 2;

/** The secret that a browser has in its cookie. */
const BROWSER = /^[\w-]{43}$/;

const browserOfRequest = perRequest<string>('browser');

function cookieName({ secure }: Context, { sessionKey }: TransactionOptions): string {
  return `${secure ? '__Host-' : ''}${sessionKey}.browser`; // a server on a sibling subdomain cannot set a cookie with such a name
}

/** The secret of the browser; undefined for one that has none yet. */
function browserOf(ctx: Context, options: TransactionOptions): string | undefined {
  const sent = browserOfRequest.of(ctx) ?? ctx.cookies.get(cookieName(ctx, options), { signed: false });
  return sent !== undefined && BROWSER.test(sent) ? sent : undefined;
}

/** Makes a secret for a browser that has none, or has logged in. Its cookie lasts until the browser is closed. */
function newBrowser(ctx: Context, options: TransactionOptions): string {
  const { secure } = ctx;
  const browser = random(32);
  browserOfRequest.set(ctx, browser);
  const attributes = { signed: false, secure, httpOnly: true, sameSite: 'lax', overwrite: true } as const;
  ctx.cookies.set(cookieName(ctx, options), browser, attributes);
  return browser;
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

  async #held(browser: string | undefined): Promise<readonly Held[]> {
    if (browser === undefined) return [];
    const records = await this.#store.list(subjectOf(browser), this.#now());
    return records.flatMap((record) => heldIn(record, browser));
  }

  async #find(browser: string | undefined, transactionID: string): Promise<Found | undefined> {
    return byTurn(await this.#held(browser)).find(({ dialog }) => dialog.id === transactionID);
  }

  /**
   * Replaces the record of a place. The consumed first record stays in the store until it expires, so that its ID cannot be used again. Otherwise a slow
   * request that had found the place empty could store a second dialog in it.
   *
   * @param dialog the new dialog; without one, the place becomes empty
   * @returns whether this call replaced the record: `true` for one of the concurrent calls in all processes
   */
  async #replace(browser: string, held: Held, dialog?: Dialog, turn = held.turn): Promise<boolean> {
    const now = this.#now();
    const next = [nextRecord(browser, { place: held.place, turn, dialog }, now)];
    const consumption = { now, next, ...(!held.isFirst && { keepUntil: now }) };
    return (await this.#store.consume(held.storedAs, consumption))?.first === true;
  }

  /** @returns whether this call got the place */
  #fill(browser: string, { place, held }: Place, dialog: Dialog, turn: number): Promise<boolean> {
    if (held) return this.#replace(browser, held, dialog, turn);
    const now = this.#now();
    return this.#store.put([firstRecord(browser, { place, turn, dialog }, now)], now);
  }

  async waiting(ctx: Context, options: TransactionOptions): Promise<readonly string[]> {
    const found = byTurn(await this.#held(browserOf(ctx, options)));
    return found.filter(({ dialog }) => dialog.record.answer === undefined).map(({ dialog }) => dialog.id);
  }

  async load(ctx: Context, id: string, options: TransactionOptions): Promise<TransactionRecord | undefined> {
    return (await this.#find(browserOf(ctx, options), id))?.dialog.record;
  }

  async store(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const known = browserOf(ctx, options);
    const browser = known ?? newBrowser(ctx, options);
    for (let walks = 0; walks < WALKS; walks++) {
      const held = await this.#held(known);
      const turn = Math.max(0, ...held.map((each) => each.turn)) + 1;
      for (const place of placesFor({ id, record }, held))
        if (await this.#fill(browser, place, { id, record }, turn)) return;
    }
    throw new StoreUnavailableError('One browser began too many dialogs at the same time'); // the user may try again
  }

  async update(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const browser = browserOf(ctx, options);
    const found = await this.#find(browser, id);
    if (found && browser !== undefined) await this.#replace(browser, found, { id, record });
  }

  async remove(ctx: Context, id: string, options: TransactionOptions): Promise<boolean> {
    const browser = browserOf(ctx, options);
    if (browser === undefined) return false;
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#find(browser, id);
      if (!found) return false;
      if (await this.#replace(browser, found)) return true; // if not, another request has removed or replaced the record meanwhile
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
 * may be the store of the tokens. It is for applications with several processes: of concurrent decisions on one dialog, in whatever process, exactly one
 * counts, and an old cookie cannot bring an answered dialog back. It needs no session.
 *
 * A dialog is bound to its browser by a cookie with a random secret. The secret is not stored, and the stored dialogs are sealed with it. At most eight dialogs
 * wait in one browser.
 *
 * @param store where the dialogs are kept
 * @throws TypeError for an unknown option, and for an invalid `timeout`
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
