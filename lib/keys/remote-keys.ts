/** RFC 7517 §5: options of key sets that are fetched from a URL when they are needed, and cached. */
import type { JSONWebKeySet } from 'jose';
import { epoch } from '../clock.js';
import { PerHost } from '../http/per-host.js';
import { OldestFirst } from '../oldest-first.js';
import { type FetchJWKSOptions, jwksFetcher } from './fetch-jwks.js';
import { type FindKey, localKeys, NoSuchKeyError } from './local-keys.js';

export interface RemoteKeysOptions extends FetchJWKSOptions {
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/**
 * A key set could not be fetched, so a signature can be neither accepted nor refused. The `cause` says why.
 *
 * @example if (error instanceof KeysUnavailableError) log.warn(error.message, error.cause);
 */
export class KeysUnavailableError extends Error {
  override name = 'KeysUnavailableError';
  /** The HTTP status of the answer. */
  readonly status = 503;
  /** Seconds after which it is fetched again. */
  readonly retryAfter: number;

  constructor(url: string, retryAfter: number, cause: unknown) {
    super(`The key set at ${url} cannot be fetched`, { cause });
    this.retryAfter = retryAfter;
  }
}

/** Seconds after which a cached set is fetched again. */
const MAX_AGE = 600;
/** The most seconds for which a cached set is used while it cannot be fetched again. A key that was withdrawn meanwhile is accepted for that long. */
const MAX_STALE_AGE = 3600;
/** The least seconds between two fetches because of a key that is not in the set: anyone can send a token that names such a key. */
const COOLDOWN = 30;
/** In seconds: after each failure the wait doubles, up to this. */
const MAX_BACK_OFF = 60;
/** URLs whose sets are cached, and URLs of which there is none yet. */
const MAX_URLS = 1000;
/** The most characters of all cached sets as JSON. Strangers may register clients, and 1,000 sets of 64 KiB took 190 MB. */
const LARGEST = 4_000_000;

/** Fetches from one host in a minute, for the first time, and again. Enough for thousands of clients whose keys one host publishes; without it, clients that a stranger registers would have this server flood a victim. */
const PER_HOST_AND_MINUTE = 600;

interface Failure {
  readonly cause: unknown;
  readonly count: number;
  /** Epoch seconds until which it is not fetched again. */
  readonly until: number;
}

/** The key set of a URL. */
export interface RemoteKeySet {
  /** Finds the key of a signature. */
  readonly find: FindKey;
  /** The set itself. @throws KeysUnavailableError */
  jwks(): Promise<JSONWebKeySet>;
}

/** How sets are fetched, how many from one host, and what is called when a set was fetched. */
interface Fetching {
  /** Of sets that were never fetched. */
  readonly first: PerHost;
  /** Of those that were: strangers who name other URLs at their host cannot use this up. */
  readonly again: PerHost;
  readonly fetch: ReturnType<typeof jwksFetcher>;
  readonly now: () => number;
  readonly onFetched: (set: RemoteSet) => void;
}

/** One cached set, and the failures since it was last fetched. */
class RemoteSet implements RemoteKeySet {
  readonly url: string;
  readonly #fetching: Fetching;
  #current: { readonly set: JSONWebKeySet; readonly find: FindKey; readonly at: number } | undefined;
  #failure: Failure | undefined;
  #pending: Promise<void> | undefined;
  /** In characters. */
  size = 0;

  constructor(url: string, fetching: Fetching) {
    this.url = url;
    this.#fetching = fetching;
  }

  readonly find: FindKey = async (header) => {
    if (!this.#isYounger(MAX_AGE)) await this.#refresh();
    const { find } = this.#kept();
    try {
      return await find(header);
    } catch (error) {
      if (!(error instanceof NoSuchKeyError) || this.#isYounger(COOLDOWN)) throw error;
    }
    await this.#refresh(); // the issuer may have changed its keys
    if (this.#failure) throw this.#unavailable(); // the new set might have had the key
    return this.#kept().find(header);
  };

  async jwks(): Promise<JSONWebKeySet> {
    if (!this.#isYounger(COOLDOWN)) await this.#refresh(); // the caller searches without naming a key, and may be looking for a new one
    return this.#kept().set;
  }

  #now(): number {
    return this.#fetching.now();
  }

  #isYounger(seconds: number): boolean {
    const age = this.#now() - (this.#current?.at ?? Number.NaN);
    return age >= 0 && age < seconds; // after the clock has stepped back, the set counts as old and is fetched again
  }

  #kept() {
    if (!this.#current || !this.#isYounger(MAX_STALE_AGE)) throw this.#unavailable();
    return this.#current;
  }

  /** Fetches the set. Concurrent calls share one request, and after a failure it waits. */
  async #refresh(): Promise<void> {
    const wait = (this.#failure?.until ?? 0) - this.#now();
    if (wait > 0 && wait <= MAX_BACK_OFF) return;
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined;
    });
    await this.#pending;
  }

  async #load(): Promise<void> {
    const { fetch, first, again, onFetched } = this.#fetching;
    const { count = 0 } = this.#failure ?? {};
    try {
      const url = new URL(this.url);
      const wait = (this.#current ? again : first).take(url, this.#now());
      if (wait !== undefined) {
        const cause = new Error(`${PER_HOST_AND_MINUTE} key sets were fetched from ${url.hostname} in this minute`);
        this.#failure = { cause, count, until: this.#now() + wait };
        return;
      }
      const set = await fetch(this.url);
      this.#current = { set, find: localKeys(set), at: this.#now() };
      this.#failure = undefined;
      this.size = this.url.length + JSON.stringify(set).length;
      onFetched(this);
    } catch (cause) {
      this.#failure = { cause, count: count + 1, until: this.#now() + Math.min(2 ** count, MAX_BACK_OFF) };
    }
  }

  #unavailable(): KeysUnavailableError {
    const { until = 0, cause } = this.#failure ?? {};
    return new KeysUnavailableError(this.url, Math.max(until - this.#now(), 1), cause);
  }
}

/**
 * Key sets of URLs: the `jwks_uri` of a client or of an issuer. Each set is cached for ten minutes. If a signature names a key that is not in the set, the
 * set is fetched again at once, at most every 30 seconds. While it cannot be fetched, the cached set is used for up to an hour, and the wait between
 * two attempts grows. One host is asked 600 times in a minute at most, and as many times again for sets that were fetched before.
 *
 * A client chooses the URL in its registration, and can thereby direct a request of this machine (SSRF). Requests go to https only, follow no redirects, and
 * responses have at most 64 KiB and 50 keys; but a host name may resolve to an address of the internal network. For URLs that clients registered, use
 * `publicFetch()` as `fetch`, as `clientKeys()` does.
 *
 * @returns a function that gives the set of a URL. Its `find` throws KeysUnavailableError if there is no set, and otherwise the errors of
 * `localKeys`. A signature without a `kid` needs a set in which exactly one key fits
 * @throws TypeError for an invalid `fetchTimeout`
 * @example
 * const keysAt = remoteKeys();
 * const { payload } = await jwtVerify(token, keysAt('https://as.example/jwks').find, { issuer: 'https://as.example', audience: 'https://api.example' });
 * @see RFC 7517 §5, RFC 7591 §2, §5
 */
export function remoteKeys(options: RemoteKeysOptions = {}): (url: string) => RemoteKeySet {
  // apart: URLs that lead to nothing, which cost a stranger nothing, push out no set that was fetched
  const [named, fetched] = [new OldestFirst<RemoteSet>(), new OldestFirst<RemoteSet>()];
  const keep = (set: RemoteSet): RemoteSet => {
    named.delete(set.url);
    const sets = set.size > 0 ? fetched : named;
    sets.set(set.url, set, set.size);
    sets.deleteWhile(() => sets.size > MAX_URLS || sets.total > LARGEST);
    return set;
  };
  const [first, again] = [new PerHost(PER_HOST_AND_MINUTE), new PerHost(PER_HOST_AND_MINUTE)];
  const fetching = { fetch: jwksFetcher(options), first, again, now: options.now ?? epoch, onFetched: keep };
  return (url) => keep(fetched.get(url) ?? named.get(url) ?? new RemoteSet(url, fetching));
}
