/** Fetches a key set from a place that may be somebody else's. */
import type { JSONWebKeySet } from 'jose';
import { parseJSON } from '../http/depth.js';
import { type Fetch, fetchText, requireTimeout } from '../http/fetch-text.js';
import { isHTTPSOrLoopback } from '../syntax/url.js';

export interface FetchJWKSOptions {
  /** Default: the platform's, which goes wherever the URL says. */
  readonly fetch?: Fetch;
  /** Seconds in which a whole key set must have come. Default 5. */
  readonly fetchTimeout?: number;
  /**
   * Takes `http:` too, from this machine (`loopback`) or anywhere: gives up protection from whoever is on the way and can put in
   * keys, and lets the URL reach what listens on this machine only.
   */
  readonly allowHTTP?: 'loopback' | 'anywhere';
}

const MOST_KEYS = 50;
const ACCEPT = 'application/jwk-set+json, application/json'; // RFC 7517 §8.5.2

/** @throws Error */
function requireSecure(url: string, allowHTTP: FetchJWKSOptions['allowHTTP']): void {
  const parsed = new URL(url);
  const isAllowedHTTP =
    parsed.protocol === 'http:' &&
    (allowHTTP === 'anywhere' || (allowHTTP === 'loopback' && isHTTPSOrLoopback(parsed)));
  if (parsed.protocol !== 'https:' && !isAllowedHTTP) throw new Error('The URL of a key set must be https');
  if (parsed.username || parsed.password) throw new Error('The URL of a key set must not have credentials in it');
}

function parse(text: string): JSONWebKeySet {
  const set = parseJSON(text);
  const keys: unknown = Reflect.get(Object(set), 'keys');
  if (!Array.isArray(keys)) throw new Error('A key set needs an array of keys'); // RFC 7517 §5
  if (keys.length > MOST_KEYS) throw new Error(`The key set has more than ${MOST_KEYS} keys`);
  return { keys };
}

/** A function that fetches key sets within limits. @throws TypeError for a `fetchTimeout` that is no time */
export function jwksFetcher({
  fetch = globalThis.fetch,
  fetchTimeout = 5,
  allowHTTP,
}: FetchJWKSOptions): (url: string) => Promise<JSONWebKeySet> {
  requireTimeout('fetchTimeout', fetchTimeout);
  return async (url) => {
    requireSecure(url, allowHTTP);
    const { status, text } = await fetchText(url, { headers: { accept: ACCEPT } }, { fetch, timeout: fetchTimeout });
    if (status !== 200) throw new Error(`The answer has the status ${status}`); // redirects too
    return parse(text);
  };
}
