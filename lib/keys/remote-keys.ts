/** RFC 7517 §5: key sets behind URLs, fetched when they are needed and kept for a while. */
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { epoch } from '../clock.js';
import { type FetchJWKSOptions, jwksFetcher } from './fetch-jwks.js';
import { recentlyUsed } from './recently-used.js';

/** Finds the key that a signature's header names, for `jwtVerify` and the like of jose. */
export type FindKey = (header: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>;

export interface RemoteKeysOptions extends FetchJWKSOptions {
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** A key set could not be fetched, so that nobody can say whether a signature is good. The cause says why. */
export class KeysUnavailableError extends Error {
  override name = 'KeysUnavailableError';
  /** Koa's and the toolkit's word for it: 503. */
  readonly status = 503;
  /** Seconds after which it is tried again. */
  readonly retryAfter: number;

  constructor(url: string, retryAfter: number, cause: unknown) {
    super(`The key set at ${url} cannot be had`, { cause });
    this.retryAfter = retryAfter;
  }
}

/** In seconds. */
const MAX_AGE = 600;
/** How long a set is used that cannot be fetched again. A key that was withdrawn meanwhile is good for no longer. */
const LAST_RESORT = 3600;
/** Between two fetches on account of a key that is not in the set: anyone can name one. */
const COOLDOWN = 30;
const LONGEST_BACK_OFF = 60;
const MOST_URLS = 1000;

interface Failure {
  readonly cause: unknown;
  readonly count: number;
  /** Epoch seconds until which it is not tried again. */
  readonly until: number;
}

/** A key set behind a URL. */
export interface RemoteKeySet {
  /** Finds the key of a signature. */
  readonly find: FindKey;
  /** The set itself. @throws KeysUnavailableError */
  jwks(): Promise<JSONWebKeySet>;
}

/** One set, as it was last fetched, with what went wrong since. */
class RemoteSet implements RemoteKeySet {
  readonly #url: string;
  readonly #fetch: ReturnType<typeof jwksFetcher>;
  readonly #now: () => number;
  #current: { readonly set: JSONWebKeySet; readonly find: LocalJWKSet; readonly at: number } | undefined;
  #failure: Failure | undefined;
  #pending: Promise<void> | undefined;

  constructor(url: string, fetch: ReturnType<typeof jwksFetcher>, now: () => number) {
    this.#url = url;
    this.#fetch = fetch;
    this.#now = now;
  }

  readonly find: FindKey = async (header, token) => {
    if (!this.#isYounger(MAX_AGE)) await this.#refresh();
    const { find } = this.#kept();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#isYounger(COOLDOWN)) throw error;
    }
    await this.#refresh(); // the keys were changed, perhaps
    if (this.#failure) throw this.#unavailable(); // and the new set may have it
    return this.#kept().find(header, token);
  };

  async jwks(): Promise<JSONWebKeySet> {
    if (!this.#isYounger(COOLDOWN)) await this.#refresh(); // who looks for what is not named may look for what is new
    return this.#kept().set;
  }

  #isYounger(seconds: number): boolean {
    const age = this.#now() - (this.#current?.at ?? Number.NaN);
    return age >= 0 && age < seconds; // a clock that steps back makes it older, not younger
  }

  #kept() {
    if (!this.#current || !this.#isYounger(LAST_RESORT)) throw this.#unavailable();
    return this.#current;
  }

  /** Fetches, unless it is being fetched, or failed a moment ago. */
  async #refresh(): Promise<void> {
    const wait = (this.#failure?.until ?? 0) - this.#now();
    if (wait > 0 && wait <= LONGEST_BACK_OFF) return;
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined;
    });
    await this.#pending;
  }

  async #load(): Promise<void> {
    try {
      const set = await this.#fetch(this.#url);
      this.#current = { set, find: createLocalJWKSet(set), at: this.#now() };
      this.#failure = undefined;
    } catch (cause) {
      const count = (this.#failure?.count ?? 0) + 1;
      this.#failure = { cause, count, until: this.#now() + Math.min(2 ** (count - 1), LONGEST_BACK_OFF) };
    }
  }

  #unavailable(): KeysUnavailableError {
    const { until = 0, cause } = this.#failure ?? {};
    return new KeysUnavailableError(this.#url, Math.max(until - this.#now(), 1), cause);
  }
}

/**
 * Key sets behind URLs: a client's `jwks_uri`, an issuer's. Each is kept for ten minutes, and fetched again at once when a signature
 * names a key that is not in it, every half minute at most. While it cannot be fetched, an earlier one is used for up to an hour, and
 * it is tried again ever more seldom.
 *
 * A client's URL is whatever its registration says: this machine is made to send a request there (SSRF). It goes to https only,
 * follows no redirects, and takes 64 KiB and 50 keys at most; but a name may still stand for an address of the inner network. Where anyone may register, give a `fetch` that refuses those.
 *
 * @returns for a URL, its set, whose `find` throws KeysUnavailableError when there is no set, and otherwise what jose's
 * `createLocalJWKSet` throws. Without a `kid`, a set may have one key only that fits
 * @throws TypeError for a `fetchTimeout` that is no time
 * @example
 * const keysAt = remoteKeys();
 * const { payload } = await jwtVerify(token, keysAt('https://as.example/jwks').find, { issuer, audience });
 * @see RFC 7517 §5, RFC 7591 §2, §5
 */
export function remoteKeys(options: RemoteKeysOptions = {}): (url: string) => RemoteKeySet {
  const fetch = jwksFetcher(options);
  const now = options.now ?? epoch;
  const setAt = recentlyUsed(MOST_URLS, (url) => new RemoteSet(url, fetch, now));
  return setAt;
}
