import { hash } from 'node:crypto';
import type { AnsweredDialogs } from '../core.js';
import type { TransactionRecord } from '../types.js';
import { REPEATABLE } from './answer.js';
import { Expiring } from './expiring.js';

/** How long a transaction may wait, in seconds. */
export const LIFETIME = 10 * 60;

/** More than one machine can ask its users in ten minutes; a bound on memory, not on use. */
const MOST = 100_000;
/** Of those, how many have their answer kept: it takes a kilobyte or two. */
const MOST_ANSWERS = 10_000;

/** An ID is the CSRF token of its dialog: this process keeps only its hash. */
function keyOf(id: string): string {
  return hash('sha256', id, 'base64url');
}

interface KeptAnswer {
  readonly record: TransactionRecord;
  isSent(): boolean;
}

/**
 * The replay guard: remembers which transactions were answered in this process, and lets one request at a time answer each. A
 * session in a cookie can be shown again by its owner with the transaction still in it; for as long as the transaction is young
 * enough to count, this says that it was answered.
 */
export class Answered implements AnsweredDialogs {
  readonly #ids: Expiring<true>;
  readonly #answers: Expiring<KeptAnswer>;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(now: () => number) {
    this.#ids = new Expiring({ now, lifetime: LIFETIME, most: MOST });
    this.#answers = new Expiring({ now, lifetime: REPEATABLE, most: MOST_ANSWERS });
  }

  has(id: string): boolean {
    return this.#ids.get(keyOf(id)) !== undefined;
  }

  add(id: string): void {
    this.#ids.set(keyOf(id), true);
  }

  forget(id: string): void {
    this.#ids.delete(keyOf(id));
    this.#answers.delete(keyOf(id));
  }

  keep(id: string, answer: KeptAnswer): void {
    this.#answers.set(keyOf(id), answer);
  }

  answerTo(id: string): KeptAnswer | undefined {
    return this.#answers.get(keyOf(id));
  }

  /** Undefined when nobody is answering it. */
  settled(id: string): Promise<void> | undefined {
    return this.#turns.get(keyOf(id));
  }

  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const key = keyOf(id);
    const before = this.#turns.get(key);
    let leave = (): void => {};
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#turns.set(key, turn); // before anything is awaited
    try {
      await before;
      return await work();
    } finally {
      leave();
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }
}
