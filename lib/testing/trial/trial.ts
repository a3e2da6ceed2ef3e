/** The steps that all trials of a store share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type OptionNames, requireNumber } from '../../options.js';
import { toParams } from '../../syntax/param-map.js';
import type { TokenServiceOptions } from '../../token-service/options.js';
import { type TokenService, tokenService } from '../../token-service/service.js';
import type { TokenStore } from '../../token-service/store.js';
import type { Authorization, Awaitable, Client, IssuedTokens, RedirectURI, TokenRequest } from '../../types.js';

/** The stores of a trial, and their latency. */
export interface TrialOptions {
  /** Opens the store. */
  readonly open: () => Awaitable<TokenStore>;
  /** Opens a second store of the same records, as another process would. Leave it out for a store that only one process can use. */
  readonly second?: (() => Awaitable<TokenStore>) | undefined;
  /** Milliseconds. Each operation of the store is delayed before and after by a random time up to this. Default 2. */
  readonly latency?: number | undefined;
}

/** The names of these options. */
export const TRIAL_OPTIONS: OptionNames<TrialOptions> = { open: true, second: true, latency: true };

/** The result of a trial. `violations` is empty if the store keeps its promises. */
export interface TrialReport {
  readonly tries: number;
  readonly violations: readonly string[];
  /** Further counts, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

const LONGEST_LATENCY = 60_000;

/** @param what the function that takes the option. @throws TypeError */
export function requireLatency(what: string, { latency = 0 }: TrialOptions): void {
  requireNumber(`${what}({ latency })`, latency, 0, LONGEST_LATENCY);
}

export interface User {
  readonly id: string;
}

export type Tokens = TokenService<Client, User>;

export const CLIENT: Client = { client_id: 'a client', redirect_uris: ['https://client.example/callback'] };

/** The store, with a random delay before and after each operation. */
export function delayed(store: TokenStore, latency: number): TokenStore {
  const later = async <T>(operate: () => Promise<T>): Promise<T> => {
    await sleep(Math.random() * latency);
    const result = await operate();
    await sleep(Math.random() * latency);
    return result;
  };
  return {
    put: (records, now, within) => later(() => store.put(records, now, within)),
    get: (id, now) => later(() => store.get(id, now)),
    consume: (id, consumption) => later(() => store.consume(id, consumption)),
    remove: (id) => later(() => store.remove(id)),
    revoke: (authorizationID, until, now) => later(() => store.revoke(authorizationID, until, now)),
    list: (subject, now) => later(() => store.list(subject, now)),
    listByClient: (clientID, now) => store.listByClient(clientID, now),
    close: () => store.close(),
  };
}

/** Opens two token services, as in two processes: over one store, or over two stores of the same records. */
export async function withServices<T>(
  { open, second, latency = 2 }: TrialOptions,
  options: Partial<TokenServiceOptions<Client, User>>,
  work: (services: readonly [Tokens, Tokens]) => Promise<T>,
): Promise<T> {
  const store = await open();
  const other = (await second?.()) ?? store;
  const serve = (each: TokenStore) => tokenService<Client, User>({ ...options, store: delayed(each, latency) });
  try {
    return await work([serve(store), serve(other)]);
  } finally {
    if (other !== store) await other.close();
    await store.close();
  }
}

export function requestOf(grantType: string, params: Readonly<Record<string, string>>): TokenRequest {
  return { grantType, client: CLIENT, params: toParams(new Map(Object.entries(params))), body: params };
}

const redirectURI = CLIENT.redirect_uris?.[0] as RedirectURI;

/** Issues a code for a user. */
export function newCode(tokens: Tokens, user: User): Promise<string> {
  const req = { type: 'code', clientID: CLIENT.client_id, scope: ['read'] };
  const authorization: Authorization = { clientID: CLIENT.client_id, redirectURI, scope: ['read'], request: req };
  return tokens.code.issue({ client: CLIENT, redirectURI, user, req, res: { allow: true } }, authorization);
}

/** Exchanges a code. Undefined if it is refused. */
export async function redeem(tokens: Tokens, code: string): Promise<IssuedTokens | undefined> {
  const request = requestOf('authorization_code', { code });
  return attempt(async () => {
    const granted = await tokens.code.redeem(code, request);
    return granted && tokens.code.issue(granted, request);
  });
}

/** Exchanges a refresh token. Undefined if it is refused. */
export async function refresh(tokens: Tokens, token: string): Promise<IssuedTokens | undefined> {
  const request = requestOf('refresh_token', { refresh_token: token });
  return attempt(async () => {
    const granted = await tokens.refreshToken.redeem(token, request);
    return granted && tokens.refreshToken.issue(granted, request);
  });
}

/** The result of `work`; undefined if it throws `invalid_grant`. All other errors are thrown. */
async function attempt<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'invalid_grant') return undefined;
    throw error;
  }
}
