/** The keys that a client registered: by value, or behind a URL. @see RFC 7591 §2 */
import createDebug from 'debug';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { memberOf, textOf, warnOfUnreadable } from '../clients/member.js';
import { TokenError } from '../errors/token-error.js';
import type { OptionNames } from '../options.js';
import type { Awaitable, Client } from '../types.js';
import { recentlyUsed } from './recently-used.js';
import { KeysUnavailableError, type RemoteKeySet, type RemoteKeysOptions, remoteKeys } from './remote-keys.js';

const debug = createDebug('koauthorize:client-auth');

export interface ClientKeysOptions<C = Client> extends RemoteKeysOptions {
  /** The keys that a client registered by value. Default: its `jwks`. */
  readonly jwks?: (client: C) => Awaitable<object | null | undefined>;
  /** Where a client that registered no keys by value has them. Default: its `jwks_uri`. */
  readonly jwksURI?: (client: C) => Awaitable<string | null | undefined>;
}

/** The names of the options of those who look for the keys of clients. */
export const CLIENT_KEYS_OPTIONS: OptionNames<ClientKeysOptions> = {
  jwks: true,
  jwksURI: true,
  fetch: true,
  fetchTimeout: true,
  allowHTTP: true,
  now: true,
};

/** What a client registered as `jwks`: what cannot be read is a set without keys. */
function jwksOf(client: unknown): object | undefined {
  const jwks = memberOf(client, 'jwks') ?? undefined;
  if (jwks === undefined || typeof jwks === 'object') return jwks;
  warnOfUnreadable(client, 'jwks');
  return {};
}

/** Sets of clients, imported once. By what is in them: a set that is changed, or read anew for each request, is what it says. */
const localKeys = recentlyUsed(1000, (text): RemoteKeySet => {
  const set: JSONWebKeySet = JSON.parse(text);
  return { find: createLocalJWKSet(set), jwks: async () => set };
});

/**
 * Looks for something in a client's keys.
 *
 * @param look what is looked for; what it throws means that it is not there
 */
export type LookUp<C> = <T>(client: C, look: (keys: RemoteKeySet) => Promise<T>) => Promise<T | undefined>;

/**
 * @throws TypeError for options that cannot be meant
 * @returns what throws TokenError `temporarily_unavailable` (503) when a `jwks_uri` cannot be fetched
 */
export function clientKeys<C>(options: ClientKeysOptions<C>): LookUp<C> {
  const { jwks = jwksOf, jwksURI = (client) => textOf(client, 'jwks_uri') } = options;
  const keysAt = remoteKeys(options);
  return async (client, look) => {
    const [set, url] = [(await jwks(client)) ?? undefined, (await jwksURI(client)) ?? undefined];
    if ((set === undefined) === (url === undefined)) return undefined; // RFC 7591 §2: MUST NOT both be present
    try {
      return await look(url === undefined ? localKeys(JSON.stringify(set)) : keysAt(url));
    } catch (error) {
      debug('no key: %s', error);
      if (!(error instanceof KeysUnavailableError)) return undefined;
      throw new TokenError('Try again later', 'temporarily_unavailable', undefined, 503, { cause: error });
    }
  };
}
