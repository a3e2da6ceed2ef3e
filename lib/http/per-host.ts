import { recentlyUsed } from '../oldest-first.js';

/** The most hosts that are counted. If a host is dropped, its count begins anew. */
const MAX_HOSTS = 1000;

/** Seconds. */
const MINUTE = 60;

/** Bounds how many requests this server sends to one host: strangers choose the URLs, and may choose a victim's host. */
export class PerHost {
  readonly #most: number;
  readonly #countOf = recentlyUsed(MAX_HOSTS, () => ({ minute: 0, count: 0 }));

  /** @param most the most requests in a minute */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a request. @param now epoch seconds @returns the seconds to wait, if there were too many requests in this minute; otherwise undefined */
  take({ hostname }: URL, now: number): number | undefined {
    const minute = Math.floor(now / MINUTE);
    const host = this.#countOf(hostname.replace(/\.$/, '')); // `a.example.` is the same host, and must not have a count of its own
    if (host.minute !== minute) Object.assign(host, { minute, count: 0 });
    if (host.count >= this.#most) return Math.max(1, Math.ceil((minute + 1) * MINUTE - now));
    host.count += 1;
    return undefined;
  }
}
