/** Keeps waiting dialogs in the token store, so that several processes need no second store. */
import type { Context } from 'koa';
import { epoch } from '../clock.js';
import { requireTimeout } from '../http/fetch-text.js';
import { perRequest } from '../http/per-request.js';
import { type OptionNames, requireKnown } from '../options.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import type { TransactionRecord } from '../types.js';
import { browserOf, newBrowser } from './browser.js';
import { byTurn, type Dialog, MOST, placesFor } from './places.js';
import { StoreUnavailableError, type TokenStore } from './store.js';
import { type Removal, StoredPlaces } from './stored-places.js';
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

/** What a request has removed, by the IDs of the dialogs. */
const removals = perRequest<Map<string, Removal>>('removed dialogs');

/** The IDs of the dialogs that a request has stored after it has made a new secret for the browser at a login. */
const takenAlong = perRequest<Set<string>>('dialogs taken along');

class StoredTransactions implements TransactionStore {
  readonly isBounded = true;
  readonly #places: StoredPlaces;
  #serverNow = epoch;

  constructor(store: TokenStore, { timeout = 5, now }: StoredTransactionsOptions) {
    this.#places = new StoredPlaces(timed(store, timeout), now ?? (() => this.#serverNow()));
  }

  async waiting(ctx: Context, options: TransactionOptions): Promise<readonly string[]> {
    const found = byTurn(await this.#places.held(browserOf(ctx, options)));
    return found.filter(({ dialog }) => dialog.record.answer === undefined).map(({ dialog }) => dialog.id);
  }

  async load(ctx: Context, id: string, options: TransactionOptions): Promise<TransactionRecord | undefined> {
    return (await this.#places.find(browserOf(ctx, options), id))?.dialog.record;
  }

  async store(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const known = browserOf(ctx, options);
    const browser = known ?? newBrowser(ctx, options);
    const dialog = { id, record };
    if (await this.#storeAgain(ctx, browser, dialog)) return;
    for (let walks = 0; walks < WALKS; walks++) {
      const held = await this.#places.held(known);
      const turn = Math.max(0, ...held.map((each) => each.turn)) + 1;
      for (const place of placesFor(dialog, held)) if (await this.#places.fill(browser, place, dialog, turn)) return;
    }
    throw new StoreUnavailableError('One browser began too many dialogs at the same time'); // the user may try again
  }

  /** Puts a dialog back that this request has removed, or takes it along to the new secret of the browser. @returns whether it was one of these */
  async #storeAgain(ctx: Context, browser: string, dialog: Dialog): Promise<boolean> {
    const removal = removals.of(ctx)?.get(dialog.id);
    removals.of(ctx)?.delete(dialog.id);
    if (removal?.browser === browser) return this.#places.putBack(removal, dialog);
    const along = takenAlong.of(ctx);
    if (!along || along.has(dialog.id) || along.size >= MOST || dialog.record.answer !== undefined) return false;
    await this.#places.takeAlong(browser, dialog, along.size);
    along.add(dialog.id);
    return true;
  }

  async update(ctx: Context, id: string, record: TransactionRecord, options: TransactionOptions): Promise<void> {
    const browser = browserOf(ctx, options);
    const found = await this.#places.find(browser, id);
    if (found && browser !== undefined) await this.#places.replace(browser, found, { id, record });
  }

  async remove(ctx: Context, id: string, options: TransactionOptions): Promise<boolean> {
    const browser = browserOf(ctx, options);
    if (browser === undefined) return false;
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#places.find(browser, id);
      if (!found) return false;
      const removal = await this.#places.remove(browser, found);
      if (!removal) continue; // another request has removed or replaced the record meanwhile
      removals.set(ctx, new Map(removals.of(ctx)).set(id, removal));
      return true;
    }
    throw new StoreUnavailableError('The transaction is changed all the time'); // the user may try again
  }

  renew(ctx: Context, options: TransactionOptions): void {
    newBrowser(ctx, options);
    takenAlong.set(ctx, new Set());
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
