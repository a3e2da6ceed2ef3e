/** The places of all browsers, in a token store. */
import {
  byTurn,
  type Dialog,
  type Found,
  firstRecord,
  type Held,
  heldIn,
  nextRecord,
  type Place,
  rivalOf,
  subjectOf,
} from './places.js';
import type { TokenRecord, TokenStore } from './store.js';
import { type Undo, UnsureChanges } from './unsure.js';

/** A dialog that was removed from its place. */
export interface Removal {
  readonly browser: string;
  readonly found: Found;
  /** The ID of the record that has replaced it. No other call makes a record with this ID, so the record exists only if this call removed the dialog. */
  readonly emptied: string;
}

function keyOf(browser: string, { id }: Dialog): string {
  return `${browser} ${id}`;
}

export class StoredPlaces {
  readonly #store: TokenStore;
  readonly #now: () => number;
  readonly #unsure = new UnsureChanges();

  constructor(store: TokenStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async held(browser: string | undefined): Promise<readonly Held[]> {
    if (browser === undefined) return [];
    const records = await this.#store.list(subjectOf(browser), this.#now());
    return records.flatMap((record) => heldIn(record, browser));
  }

  async find(browser: string | undefined, id: string): Promise<Found | undefined> {
    const key = `${browser} ${id}`;
    if (this.#unsure.has(key)) await this.#unsure.settle(key);
    return byTurn(await this.held(browser)).find(({ dialog }) => dialog.id === id);
  }

  /**
   * Consumes the record of a place. A consumed first record stays in the store until it expires, so that its ID cannot be used again. Otherwise a slow
   * request that had found the place empty could store a second dialog in it.
   *
   * @returns whether this call replaced the record: `true` for one of the concurrent calls in all processes
   */
  async #consume({ storedAs, isFirst }: Pick<Held, 'storedAs' | 'isFirst'>, next: TokenRecord): Promise<boolean> {
    const now = this.#now();
    const consumption = { now, next: [next], ...(!isFirst && { keepUntil: now }) };
    return (await this.#store.consume(storedAs, consumption))?.first === true;
  }

  /** Replaces the dialog of a place, or the record of a place that is empty. @returns whether this call did so */
  replace(browser: string, held: Held, dialog: Dialog, turn = held.turn): Promise<boolean> {
    return this.#consume(held, nextRecord(browser, { place: held.place, turn, dialog }, this.#now()));
  }

  /** Stores a dialog in a place. @returns whether this call got the place */
  async fill(browser: string, { place, held }: Place, dialog: Dialog, turn: number): Promise<boolean> {
    if (held) return this.replace(browser, held, dialog, turn);
    const now = this.#now();
    const first = firstRecord(browser, { place, turn, dialog }, now);
    if (!(await this.#store.put([first], now))) return false;
    const rival = rivalOf(browser, place, now);
    if (rival === undefined || !(await this.#store.get(rival, now))) return true;
    await this.#store.consume(first.id, { now }); // if both give way, the place stays unused for ten minutes
    return false;
  }

  /**
   * Removes a dialog from its place. If the store fails, and has removed it all the same, it is put back once the store answers: nobody has got an answer.
   *
   * @returns undefined if another call has removed or replaced it
   */
  async remove(browser: string, found: Found): Promise<Removal | undefined> {
    const { place, turn, dialog } = found;
    const empty = nextRecord(browser, { place, turn }, this.#now());
    const removal = { browser, found, emptied: empty.id };
    try {
      return (await this.#consume(found, empty)) ? removal : undefined;
    } catch (error) {
      this.#unsure.add(keyOf(browser, dialog), () => this.#refill(removal, dialog));
      throw error;
    }
  }

  /** @returns whether the place has been empty since the removal, and has the dialog now */
  #refill({ browser, found: { place, turn }, emptied }: Removal, dialog: Dialog): Promise<boolean> {
    const next = nextRecord(browser, { place, turn, dialog }, this.#now());
    return this.#consume({ storedAs: emptied, isFirst: false }, next);
  }

  /** Makes a change, or makes it later if the store fails: nobody could answer the dialog without it. The change has no effect the second time. */
  async #nowOrLater(key: string, change: Undo): Promise<boolean> {
    try {
      return await change();
    } catch {
      this.#unsure.add(key, change);
      return true;
    }
  }

  /** Puts a dialog back that was removed. @returns false if its place has another dialog now */
  putBack(removal: Removal, dialog: Dialog): Promise<boolean> {
    return this.#nowOrLater(keyOf(removal.browser, dialog), () => this.#refill(removal, dialog));
  }

  /** Stores a dialog for a browser whose secret is new. No other request knows the secret, so all places are empty. */
  async takeAlong(browser: string, dialog: Dialog, place: number): Promise<void> {
    const first = firstRecord(browser, { place, turn: place + 1, dialog }, this.#now());
    await this.#nowOrLater(keyOf(browser, dialog), async () => {
      await this.#store.put([first], this.#now()); // if it was stored, even if it is consumed by now, the store leaves it out
      return true;
    });
  }
}
