import { hash } from 'node:crypto';
import type { AnsweredDialogs } from '../transaction-store.js';
import type { TransactionRecord } from '../types.js';
import { SAME_ANSWER_SECONDS } from './answer.js';
import { Expiring } from './expiring.js';

/** Seconds for which a transaction may wait. */
export const DIALOG_LIFETIME = 10 * 60;

/** Bounds the memory. One machine answers fewer dialogs in ten minutes. */
const MAX_IDS = 100_000;
/** Bounds the memory: an answer usually takes a kilobyte or two. */
const MAX_ANSWERS = 10_000;
/** The most characters of all answers together. A stranger can make an answer as large as a request. */
const LARGEST_ANSWERS = 20_000_000;

/** A request that answers a dialog now. */
interface Turn {
  /** The hash of the dialog's ID. */
  readonly key: string;
  readonly done: Promise<void>;
}

interface KeptAnswer {
  readonly record: TransactionRecord;
  isSent(): boolean;
}

/**
 * The replay guard: remembers which transactions were answered in this process, and lets only one request at a time answer each of them.
 * A user whose session is kept in a cookie can send an old cookie again, with the answered transaction still in it. The guard remembers
 * an answered transaction until it has expired.
 */
export class Answered implements AnsweredDialogs {
  readonly #ids: Expiring<true>;
  readonly #answers: Expiring<KeptAnswer>;
  /** By the dialog's ID, which is not hashed here: an entry exists only during the request, which has the ID in memory anyway. */
  readonly #turns = new Map<string, Turn>();

  constructor(now: () => number) {
    this.#ids = new Expiring({ now, lifetime: DIALOG_LIFETIME, max: MAX_IDS });
    this.#answers = new Expiring({
      now,
      lifetime: SAME_ANSWER_SECONDS,
      max: MAX_ANSWERS,
      largest: LARGEST_ANSWERS,
      sizeOf: ({ record }) => record.answer?.length ?? 0,
    });
  }

  /** An ID is the CSRF token of its dialog, so only its hash is kept after the request. During the request, the hash is made once. */
  #keyOf(id: string): string {
    return this.#turns.get(id)?.key ?? hash('sha256', id, 'base64url');
  }

  has(id: string): boolean {
    return this.#ids.get(this.#keyOf(id)) !== undefined;
  }

  add(id: string): void {
    this.#ids.set(this.#keyOf(id), true);
  }

  forget(id: string): void {
    this.#ids.delete(this.#keyOf(id));
    this.#answers.delete(this.#keyOf(id));
  }

  keep(id: string, answer: KeptAnswer): void {
    this.#answers.set(this.#keyOf(id), answer);
  }

  answerTo(id: string): KeptAnswer | undefined {
    return this.#answers.get(this.#keyOf(id));
  }

  /** Resolves when the request that is answering the transaction has finished; undefined if there is none. */
  untilAnswered(id: string): Promise<void> | undefined {
    return this.#turns.get(id)?.done;
  }

  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id)?.done;
    let leave = (): void => {};
    const done = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const turn: Turn = { key: this.#keyOf(id), done };
    this.#turns.set(id, turn); // before the first await, so that concurrent requests queue up in order
    try {
      await before;
      return await work();
    } finally {
      leave();
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }
}
