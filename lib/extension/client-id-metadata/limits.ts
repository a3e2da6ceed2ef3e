/** Bounds what strangers can make this server fetch. */
import { recentlyUsed } from '../../oldest-first.js';
import { unavailable } from './fault.js';

/** Hosts that are counted. Of one that was forgotten, the count begins anew. */
const MAX_HOSTS = 1000;

const MINUTE = 60;

export interface Bounds {
  readonly atOnce: number;
  readonly perHostAndMinute: number;
}

/** Counts what is being fetched, and what was fetched from each host in this minute. */
export class FetchBounds {
  readonly #bounds: Bounds;
  readonly #countOf = recentlyUsed(MAX_HOSTS, () => ({ minute: 0, count: 0 }));
  #underWay = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @throws OAuth2Error `temporarily_unavailable` where one more is too many */
  async during<T>({ hostname, href }: URL, now: number, fetch: () => Promise<T>): Promise<T> {
    const { atOnce, perHostAndMinute } = this.#bounds;
    if (this.#underWay >= atOnce) throw unavailable(`${atOnce} documents are being fetched: atOnce`, href, 1);
    const minute = Math.floor(now / MINUTE);
    const host = this.#countOf(hostname);
    if (host.minute !== minute) Object.assign(host, { minute, count: 0 });
    if (host.count >= perHostAndMinute) {
      const wait = Math.max(1, Math.ceil((minute + 1) * MINUTE - now));
      throw unavailable(`${perHostAndMinute} documents were fetched from ${hostname} in this minute`, href, wait);
    }
    host.count += 1;
    this.#underWay += 1;
    try {
      return await fetch();
    } finally {
      this.#underWay -= 1;
    }
  }
}
