/** Limits the requests that strangers can make this server send. */
import { PerHost } from '../../http/per-host.js';
import { recentlyUsed } from '../../oldest-first.js';
import { unavailable } from './fault.js';

export interface Bounds {
  readonly atOnce: number;
  readonly perHostAndMinute: number;
}

/** Whose document is fetched, and when. */
export interface Wanted {
  readonly url: URL;
  /** Whether a user has allowed the client something. */
  readonly isKnown: boolean;
  /** Epoch seconds. */
  readonly now: number;
}

/** Counts the running fetches, and those from each host in this minute. */
class Share {
  readonly #bounds: Bounds;
  readonly #hosts: PerHost;
  #underWay = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#hosts = new PerHost(bounds.perHostAndMinute);
  }

  async during<T>({ url, now }: Wanted, fetch: () => Promise<T>): Promise<T> {
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

/** Known clients of which this process remembers when they were last fetched from their own share. */
const MAX_CLIENTS = 1000;

/** Seconds between two fetches of one document from the share of known clients. Else a stranger could use it up by naming one whose document is gone. */
export const PAUSE = 30;

/**
 * The bounds, once for all, and once more for clients that a user has allowed something: strangers who name other URLs cannot use up these.
 */
export class FetchBounds {
  readonly #ofAll: Share;
  readonly #ofKnown: Share;
  readonly #fetched = recentlyUsed(MAX_CLIENTS, () => ({ at: Number.NEGATIVE_INFINITY }));

  constructor(bounds: Bounds) {
    this.#ofAll = new Share(bounds);
    this.#ofKnown = new Share(bounds);
  }

  /** @throws OAuth2Error `temporarily_unavailable` where one more is too many */
  during<T>(wanted: Wanted, fetch: () => Promise<T>): Promise<T> {
    const share = wanted.isKnown && this.#hasPaused(wanted) ? this.#ofKnown : this.#ofAll;
    return share.during(wanted, fetch);
  }

  #hasPaused({ url, now }: Wanted): boolean {
    const last = this.#fetched(url.href);
    const since = now - last.at;
    if (since >= 0 && since < PAUSE) return false;
    last.at = now;
    return true;
  }
}
