/**
 * Limits how many logout tokens are sent at once, and shares the limit between users. A limit by host would not be enough, since a stranger can have any number
 * of hosts: a stranger with many clients that do not answer must not delay the logouts of other users.
 */

/** The most requests that run at once: in total, for one user, and to one host; and the most that wait for their turn. */
const MAX_RUNNING = 64;
const MAX_OF_USER = 16;
const MAX_AT_HOST = 4;
const MAX_WAITING = 2000;

/** The user whose logout is notified, and the host that is notified. */
export interface Turn {
  readonly user: string;
  readonly host: string;
}

interface Waiting extends Turn {
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, more: 1 | -1): void {
    const count = this.of(key) + more;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

export class Turns {
  #running = 0;
  readonly #ofUser = new Counts();
  readonly #atHost = new Counts();
  #waitingCount = 0;
  /** The waiting requests of each user. The user whose turn is next is the first. */
  readonly #waiting = new Map<string, Waiting[]>();

  /**
   * Does work when its turn has come. A slow host can hold only a few places, and so can one user, so that the work for others goes on.
   *
   * @throws Error if the queue is full, and no other user has more work in it
   */
  async take<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(turn)) this.#add(turn, 1);
    else await this.#wait(turn); // finished work passes its place on to it
    try {
      return await work();
    } finally {
      this.#add(turn, -1);
      this.#letGo();
    }
  }

  #hasRoom({ user, host }: Turn): boolean {
    const isFull = this.#running >= MAX_RUNNING;
    return !isFull && this.#ofUser.of(user) < MAX_OF_USER && this.#atHost.of(host) < MAX_AT_HOST;
  }

  #add({ user, host }: Turn, more: 1 | -1): void {
    this.#running += more;
    this.#ofUser.add(user, more);
    this.#atHost.add(host, more);
  }

  async #wait({ user, host }: Turn): Promise<void> {
    const own = this.#waiting.get(user) ?? [];
    if (this.#waitingCount >= MAX_WAITING) this.#makeRoom(own);
    this.#waitingCount += 1;
    this.#waiting.set(user, own);
    await new Promise<void>((go, refuse) => own.push({ user, host, go, refuse }));
  }

  /** Refuses the last waiting work of the user who has the most. @throws Error if no other user has more than the present user would have */
  #makeRoom(own: readonly Waiting[]): void {
    let [longest, most]: [Waiting[] | undefined, number] = [undefined, own.length + 1];
    for (const queue of this.#waiting.values()) if (queue.length > most) [longest, most] = [queue, queue.length];
    const error = new Error(`${MAX_WAITING} logout tokens wait to be sent`);
    const last = longest?.pop();
    if (!last) throw error;
    this.#waitingCount -= 1;
    last.refuse(error);
  }

  /** Starts all work that can start. When one place becomes free, this can be two: one for its user, and one for its host. */
  #letGo(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#add(next, 1);
      next.go();
    }
  }

  /** Takes the next work that can start. The next turn of its user comes after those of all other users. */
  #next(): Waiting | undefined {
    for (const [user, queue] of this.#waiting) {
      const at = queue.findIndex((one) => this.#hasRoom(one));
      const [next] = at < 0 ? [] : queue.splice(at, 1);
      if (!next) continue;
      this.#waitingCount -= 1;
      this.#waiting.delete(user);
      if (queue.length > 0) this.#waiting.set(user, queue);
      return next;
    }
    return undefined;
  }
}
