/** Limits the requests that strangers can make this server send. */
import { PerHost } from './per-host.js';

/** How much a process fetches. */
export interface FetchBounds {
  /** Fetches at once. */
  readonly atOnce: number;
  /** Fetches from one host in a minute. */
  readonly perHostAndMinute: number;
}

/** Makes the error for a fetch that would exceed a bound. @param why names the bound. @param wait seconds after which to try again */
export type RefuseFetch = (why: string, url: URL, wait: number) => Error;

/** Counts the running fetches, and those from each host in this minute. */
export class FetchShare {
  readonly #bounds: FetchBounds;
  readonly #refuse: RefuseFetch;
  readonly #hosts: PerHost;
  #underWay = 0;

  constructor(bounds: FetchBounds, refuse: RefuseFetch) {
    this.#bounds = bounds;
    this.#refuse = refuse;
    this.#hosts = new PerHost(bounds.perHostAndMinute);
  }

  /** @param now epoch seconds. @throws the error of `refuse` if one more fetch would exceed a bound */
  async during<T>(url: URL, now: number, fetch: () => Promise<T>): Promise<T> {
    const { atOnce, perHostAndMinute } = this.#bounds;
    if (this.#underWay >= atOnce) throw this.#refuse(`${atOnce} documents are being fetched: atOnce`, url, 1);
    const wait = this.#hosts.take(url, now);
    if (wait !== undefined)
      throw this.#refuse(`${perHostAndMinute} documents were fetched from ${url.hostname} in this minute`, url, wait);
    this.#underWay += 1;
    try {
      return await fetch();
    } finally {
      this.#underWay -= 1;
    }
  }
}
