/** Bounds how much is sent at once. A user with many clients, or many users, must not open connections without end. */

/** Tries that run at once, and that wait for their turn. */
const MAX_RUNNING = 16;
const MAX_WAITING = 2000;

export class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Does work as soon as it is its turn. @throws Error where too much waits already */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < MAX_RUNNING) this.#running += 1;
    else if (this.#waiting.length >= MAX_WAITING) throw new Error(`${MAX_WAITING} logout tokens wait to be sent`);
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)); // who is done hands its turn on
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
