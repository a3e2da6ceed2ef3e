/** Bounds how much is sent at once. A user with many clients, or many users, must not open connections without end. */

/** Tries that run at once, of these to one host, and tries that wait for their turn. */
const MAX_RUNNING = 16;
const MAX_RUNNING_AT_HOST = 4;
const MAX_WAITING = 2000;

interface Waiting {
  readonly host: string;
  readonly go: () => void;
}

export class Turns {
  #running = 0;
  readonly #atHost = new Map<string, number>();
  readonly #waiting: Waiting[] = [];

  /**
   * Does work as soon as it is its turn. A host that is slow to answer holds few places, and the others go on.
   *
   * @throws Error where too much waits already
   */
  async take<T>(host: string, work: () => Promise<T>): Promise<T> {
    if (!this.#hasRoom(host)) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error(`${MAX_WAITING} logout tokens wait to be sent`);
      await new Promise<void>((go) => this.#waiting.push({ host, go })); // who is done gives it its place
    } else this.#enter(host);
    try {
      return await work();
    } finally {
      this.#leave(host);
    }
  }

  #hasRoom(host: string): boolean {
    return this.#running < MAX_RUNNING && (this.#atHost.get(host) ?? 0) < MAX_RUNNING_AT_HOST;
  }

  #enter(host: string): void {
    this.#running += 1;
    this.#atHost.set(host, (this.#atHost.get(host) ?? 0) + 1);
  }

  #leave(host: string): void {
    this.#running -= 1;
    const left = (this.#atHost.get(host) ?? 1) - 1;
    if (left > 0) this.#atHost.set(host, left);
    else this.#atHost.delete(host);
    const next = this.#waiting.findIndex((one) => this.#hasRoom(one.host));
    const [first] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (!first) return;
    this.#enter(first.host);
    first.go();
  }
}
