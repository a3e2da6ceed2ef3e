/** Fetches key sets, also from servers that an attacker may control. */
import type { JSONWebKeySet } from 'jose';
import type { Relaxations } from '../findings.js';
import { parseJSON } from '../http/depth.js';
import { type Fetch, fetchText, requireTimeout } from '../http/fetch-text.js';
import { isHTTPSOrLoopback } from '../syntax/url.js';
import { keptKeys } from './kept-keys.js';

export interface FetchJWKSOptions {
  /** Fetches key sets. Default: the platform's `fetch`, which sends requests to any address. */
  readonly fetch?: Fetch;
  /** The most seconds to fetch a key set. Default 5. */
  readonly fetchTimeout?: number;
  /**
   * Also accepts `http:` URLs of this machine (`loopback`) or of any host (`anywhere`). Gives up protection from attackers on the network, who can
   * replace the keys, and lets a URL reach services that listen on this machine only.
   */
  readonly allowHTTP?: 'loopback' | 'anywhere';
}

/** The relaxations among these options. */
export const FETCH_RELAXATIONS: Relaxations<Pick<FetchJWKSOptions, 'allowHTTP'>> = {
  allowHTTP: {
    why: 'An attacker on the network can replace the keys, and a URL can reach services that listen on this machine only',
    section: 'RFC 7517 §9.1',
    remedy: 'Leave it out, and have the keys published by https',
  },
};

const MAX_KEYS = 50;
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
  if (keys.length > MAX_KEYS) throw new Error(`The key set has more than ${MAX_KEYS} keys`);
  return keptKeys(keys);
}

/** Makes a function that fetches key sets, within limits of time and size. @throws TypeError for an invalid `fetchTimeout` */
export function jwksFetcher({
  fetch = globalThis.fetch,
  fetchTimeout = 5,
  allowHTTP,
}: FetchJWKSOptions): (url: string) => Promise<JSONWebKeySet> {
  requireTimeout('fetchTimeout', fetchTimeout);
  return async (url) => {
    requireSecure(url, allowHTTP);
    const { status, text } = await fetchText(url, { headers: { accept: ACCEPT } }, { fetch, timeout: fetchTimeout });
    if (status !== 200) throw new Error(`The answer has the status ${status}`); // a redirect is not followed
    return parse(text);
  };
}
