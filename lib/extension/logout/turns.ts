/**
 * Bounds how much is sent at once, and shares it between users: hosts cost a stranger nothing, so one who has connected many clients that do not
 * answer must delay the logouts of nobody else.
 */

/** Tries that run at once, of these for one user and to one host, and tries that wait for their turn. */
const MAX_RUNNING = 64;
const MAX_OF_USER = 16;
const MAX_AT_HOST = 4;
const MAX_WAITING = 2000;

/** Whose logout it is that is told, and where. */
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
  /** By user: the one whose turn is next is the first. */
  readonly #waiting = new Map<string, Waiting[]>();

  /**
   * Does work as soon as it is its turn. A host that is slow to answer holds few places, and so does a user; the others go on.
   *
   * @throws Error where too much waits already, and no other user has more of it
   */
  async take<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(turn)) this.#add(turn, 1);
    else await this.#wait(turn); // who is done gives it its place
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

  /** Refuses the last one of the user who has the most waiting. @throws Error where the user who comes would have as much */
  #makeRoom(own: readonly Waiting[]): void {
    let [longest, most]: [Waiting[] | undefined, number] = [undefined, own.length + 1];
    for (const queue of this.#waiting.values()) if (queue.length > most) [longest, most] = [queue, queue.length];
    const error = new Error(`${MAX_WAITING} logout tokens wait to be sent`);
    const last = longest?.pop();
    if (!last) throw error;
    this.#waitingCount -= 1;
    last.refuse(error);
  }

  /** Lets all go that can. Where one has left, that can be two: one for its user, and one for its host. */
  #letGo(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#add(next, 1);
      next.go();
    }
  }

  /** The next one that can go. Its user's next turn is after those of all others. */
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
