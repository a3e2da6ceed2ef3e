/** Fetches a key set from a place that may be slow, huge, or somebody's else. */
import type { JSONWebKeySet } from 'jose';

/** What is asked of a `fetch`: the platform's will do, and so will one that refuses addresses of the inner network. */
export type FetchKeys = (
  url: string,
  request: {
    readonly headers: Record<string, string>;
    readonly redirect: 'manual';
    readonly credentials: 'omit';
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

export interface FetchJWKSOptions {
  /** Default: the platform's, which goes wherever the URL says. */
  readonly fetch?: FetchKeys;
  /** Seconds in which a whole key set must have come. Default 5. */
  readonly fetchTimeout?: number;
  /**
   * Takes `http:` too, from this machine (`loopback`) or anywhere: gives up protection from whoever is on the way and can put in
   * keys, and lets the URL reach what listens on this machine only.
   */
  readonly allowHTTP?: 'loopback' | 'anywhere';
}

/** Bytes, after decompression. A set of many keys with chains of certificates is far smaller. */
const LARGEST = 64 * 1024;
const MOST_KEYS = 50;
/** Timers take no more than 24 days. */
const LONGEST_TIMEOUT = 2_000_000;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const ACCEPT = 'application/jwk-set+json, application/json'; // RFC 7517 §8.5.2

/** @throws Error */
function requireSecure(url: string, allowHTTP: FetchJWKSOptions['allowHTTP']): void {
  const { protocol, hostname, username, password } = new URL(url);
  const isAllowed = allowHTTP === 'anywhere' || (allowHTTP === 'loopback' && LOOPBACK.has(hostname));
  if (protocol !== 'https:' && !(protocol === 'http:' && isAllowed))
    throw new Error('The URL of a key set must be https');
  if (username || password) throw new Error('The URL of a key set must not have credentials in it');
}

/** Counts what comes, whatever was announced. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`The key set is larger than ${LARGEST} bytes`); // which ends the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): JSONWebKeySet {
  const set: unknown = JSON.parse(text);
  const keys: unknown = Reflect.get(Object(set), 'keys');
  if (!Array.isArray(keys)) throw new Error('A key set needs an array of keys'); // RFC 7517 §5
  if (keys.length > MOST_KEYS) throw new Error(`The key set has more than ${MOST_KEYS} keys`);
  return { keys };
}

async function ask(url: string, fetch: FetchKeys, signal: AbortSignal): Promise<JSONWebKeySet> {
  const request = { headers: { accept: ACCEPT }, redirect: 'manual', credentials: 'omit', signal } as const;
  const response = await fetch(url, request);
  if (response.status !== 200) throw new Error(`The answer has the status ${response.status}`); // redirects too
  return parse(await readText(response));
}

/** A function that fetches key sets within limits. @throws TypeError for a `fetchTimeout` that is no time */
export function jwksFetcher({
  fetch = globalThis.fetch,
  fetchTimeout = 5,
  allowHTTP,
}: FetchJWKSOptions): (url: string) => Promise<JSONWebKeySet> {
  if (!(fetchTimeout > 0 && fetchTimeout <= LONGEST_TIMEOUT))
    throw new TypeError(`fetchTimeout is a number of seconds, not ${fetchTimeout}`);
  return async (url) => {
    requireSecure(url, allowHTTP);
    const end = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => reject(new Error(`The key set did not come within ${fetchTimeout} s`));
      timer = setTimeout(giveUp, fetchTimeout * 1000);
    });
    try {
      return await Promise.race([ask(url, fetch, end.signal), late]); // the application's fetch may not heed the signal
    } finally {
      clearTimeout(timer);
      end.abort(); // whatever is still coming
    }
  };
}
