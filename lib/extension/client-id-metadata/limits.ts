/** Limits the requests that strangers can make this server send. */
import { PerHost } from '../../http/per-host.js';
import { unavailable } from './fault.js';

export interface Bounds {
  readonly atOnce: number;
  readonly perHostAndMinute: number;
}

/** Counts the running fetches, and those from each host in this minute. */
export class FetchBounds {
  readonly #bounds: Bounds;
  readonly #hosts: PerHost;
  #underWay = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#hosts = new PerHost(bounds.perHostAndMinute);
  }

  /** @throws OAuth2Error `temporarily_unavailable` if a limit is reached */
  async during<T>(url: URL, now: number, fetch: () => Promise<T>): Promise<T> {
    const { hostname, href } = url;
    const { atOnce, perHostAndMinute } = this.#bounds;
    if (this.#underWay >= atOnce) throw unavailable(`${atOnce} documents are being fetched: atOnce`, href, 1);
    const wait = this.#hosts.take(url, now);
    if (wait !== undefined)
      throw unavailable(`${perHostAndMinute} documents were fetched from ${hostname} in this minute`, href, wait);
    this.#underWay += 1;
    try {
      return await fetch();
    } finally {
      this.#underWay -= 1;
    }
  }
}
