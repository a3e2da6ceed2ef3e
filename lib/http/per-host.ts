import { recentlyUsed } from '../oldest-first.js';

/** Hosts that are counted. Of one that was forgotten, the count begins anew. */
const MAX_HOSTS = 1000;

/** Seconds. */
const MINUTE = 60;

/** Bounds how often this server asks one host: strangers choose the URLs, and the host may be a victim's. */
export class PerHost {
  readonly #most: number;
  readonly #countOf = recentlyUsed(MAX_HOSTS, () => ({ minute: 0, count: 0 }));

  /** @param most requests in a minute */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a request. @param now in epoch seconds @returns seconds to wait, where there were too many in this minute */
  take({ hostname }: URL, now: number): number | undefined {
    const minute = Math.floor(now / MINUTE);
    const host = this.#countOf(hostname);
    if (host.minute !== minute) Object.assign(host, { minute, count: 0 });
    if (host.count >= this.#most) return Math.max(1, Math.ceil((minute + 1) * MINUTE - now));
    host.count += 1;
    return undefined;
  }
}
