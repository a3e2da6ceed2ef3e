/** The keys that a client registered, as a `jwks` or as a `jwks_uri`. @see RFC 7591 §2 */
import { memberOf, textOf, warnOfUnreadable } from '../clients/member.js';
import { debugAbout } from '../errors/debug.js';
import { TokenError } from '../errors/token-error.js';
import type { Fetch } from '../http/fetch-text.js';
import { publicFetch } from '../http/public-fetch.js';
import { recentlyUsed } from '../oldest-first.js';
import type { OptionNames } from '../options.js';
import type { Awaitable, Client } from '../types.js';
import { keptKeys } from './kept-keys.js';
import { localKeys } from './local-keys.js';
import { KeysUnavailableError, type RemoteKeySet, type RemoteKeysOptions, remoteKeys } from './remote-keys.js';

const debug = debugAbout('client-auth');

/** How the public keys of clients are found: in the registration, or at the URL that it names. */
export interface ClientKeysOptions<C = Client> extends Omit<RemoteKeysOptions, 'fetch'> {
  /**
   * Fetches from the URLs that clients registered. Default: `publicFetch()`, which reaches no address of this machine (unless `allowHTTP` is set)
   * or of its network. For clients inside your network: `fetch: globalThis.fetch`, which gives up that protection.
   */
  readonly fetch?: Fetch;
  /** The key set that a client registered. Default: its `jwks`. */
  readonly jwks?: (client: C) => Awaitable<object | null | undefined>;
  /** The URL of a client's key set, if it registered no `jwks`. Default: its `jwks_uri`. */
  readonly jwksURI?: (client: C) => Awaitable<string | null | undefined>;
}

/** The names of these options. */
export const CLIENT_KEYS_OPTIONS: OptionNames<ClientKeysOptions> = {
  jwks: true,
  jwksURI: true,
  fetch: true,
  fetchTimeout: true,
  allowHTTP: true,
  now: true,
};

/** A client's `jwks`. One that cannot be read counts as a set without keys, so that nothing is verified by it. */
function jwksOf(client: unknown): object | undefined {
  const jwks = memberOf(client, 'jwks') ?? undefined;
  if (jwks === undefined || typeof jwks === 'object') return jwks;
  warnOfUnreadable(client, 'jwks');
  return {};
}

/** The most characters of all registered sets in the cache: strangers may register clients. A thousand clients with two certificates each have fewer. */
const LARGEST = 4_000_000;

/** Registered key sets, parsed once. The text of the set is the cache's key, so that a changed set is never confused with the earlier one. */
const registeredKeys = recentlyUsed(
  1000,
  (text): RemoteKeySet => {
    const keys: unknown = memberOf(JSON.parse(text), 'keys');
    const set = keptKeys(Array.isArray(keys) ? keys : []);
    return { find: localKeys(set), jwks: async () => set };
  },
  LARGEST,
);

/**
 * Searches a client's key set.
 *
 * @param look searches the set; if it throws, the result is undefined
 */
export type LookUp<C> = <T>(client: C, look: (keys: RemoteKeySet) => Promise<T>) => Promise<T | undefined>;

/** The `fetch` for URLs that clients registered: a client can choose where this machine sends a request (SSRF). */
export function fetchForClients({ fetch, allowHTTP }: Pick<ClientKeysOptions, 'fetch' | 'allowHTTP'>): Fetch {
  if (fetch) return fetch;
  return allowHTTP === 'anywhere' ? globalThis.fetch : publicFetch({ allowLoopback: allowHTTP === 'loopback' });
}

/**
 * Makes a function that searches the key sets of clients.
 *
 * @throws TypeError for an invalid `fetchTimeout`
 * @returns a function that throws TokenError `temporarily_unavailable` (503) if a `jwks_uri` cannot be fetched
 */
export function clientKeys<C>(options: ClientKeysOptions<C>): LookUp<C> {
  const { jwks = jwksOf, jwksURI = (client) => textOf(client, 'jwks_uri') } = options;
  const keysAt = remoteKeys({ ...options, fetch: fetchForClients(options) });
  return async (client, look) => {
    const [set, url] = [(await jwks(client)) ?? undefined, (await jwksURI(client)) ?? undefined];
    if ((set === undefined) === (url === undefined)) return undefined; // RFC 7591 §2: MUST NOT both be present
    try {
      return await look(url === undefined ? registeredKeys(JSON.stringify(set)) : keysAt(url));
    } catch (error) {
      debug('no key: %s', error);
      if (!(error instanceof KeysUnavailableError)) return undefined;
      throw new TokenError('Try again later', 'temporarily_unavailable', undefined, 503, { cause: error });
    }
  };
}
