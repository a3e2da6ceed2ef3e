/** The formats of access tokens. A token is found even if the configuration has changed since it was made. */
import type { JWTPayload } from 'jose';
import { claimsIn, readJWS } from '../keys/jws.js';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { type AccessTokens, type IssuerFacts, opaque } from './access-token.js';
import { keptIn } from './kept.js';
import { isPublishedBy } from './published.js';
import { digestOf, idOf, idOfJTI, isJTI, isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';

/**
 * Gives the format of access tokens for an API, if it differs between APIs. It must give the same object for the same API each time.
 *
 * @param audience the APIs that the token request names, if it names any
 */
export type AccessTokensFor<C> = (audience: readonly string[] | undefined, client: C) => AccessTokens;

/** The most formats that are remembered, for tokens that only their own format can read. */
const MOST = 100;

/** Reads a record of the store. */
type Get = (id: string) => Promise<StoredRecord | undefined>;

/** The claims of a JWT, not verified; undefined for a text that is not a JWT. */
export function saidBy(token: string): JWTPayload | undefined {
  try {
    return claimsIn(readJWS(token));
  } catch {
    return undefined;
  }
}

function jtiIn(token: string): string | undefined {
  const jti: unknown = saidBy(token)?.jti;
  return typeof jti === 'string' && isJTI(jti) ? jti : undefined;
}

export class Formats<C> {
  readonly #choose: AccessTokensFor<C>;
  readonly #issuer: IssuerFacts;
  readonly #known = new Set<AccessTokens>();

  constructor(given: AccessTokens | AccessTokensFor<C> = opaque(), issuer: IssuerFacts) {
    this.#choose = typeof given === 'function' ? given : () => given;
    this.#issuer = issuer;
    if (typeof given === 'object') this.#known.add(given);
  }

  /** @throws Error where a format that is known at start cannot make a token */
  ready(): void {
    for (const format of this.#known) format.ready?.(this.#issuer);
  }

  /**
   * The format of the token for a request.
   *
   * @param said the format that an extension of the server sets for this audience
   * @throws TypeError if the application's function gives no format
   */
  for(audience: readonly string[] | undefined, client: C, said: object | undefined): AccessTokens {
    const format = (said as AccessTokens | undefined) ?? this.#choose(audience, client);
    if (typeof format?.mint !== 'function') throw new TypeError('tokenService({ accessTokens }) gave no format');
    this.#known.add(format);
    if (this.#known.size > MOST) this.#forgetOldest();
    return format;
  }

  #forgetOldest(): void {
    const [oldest] = this.#known; // a Set is in order of insertion
    if (oldest) this.#known.delete(oldest);
  }

  /** The record of a token, found by the first format that can read the token. */
  async find(token: string, get: Get): Promise<StoredRecord | undefined> {
    // the ID of an opaque token is its hash, that of a JWT is derived from its jti: neither needs a format
    const record = await (isOfKind('access_token', token) ? get(idOf(token)) : this.#findByJTI(token, get));
    return record ?? this.#findByFormat(token, get);
  }

  async #findByJTI(token: string, get: Get): Promise<StoredRecord | undefined> {
    const jti = jtiIn(token);
    const record = jti === undefined ? undefined : await get(idOfJTI(jti));
    const { digest } = (record && keptIn(record.data)) ?? {};
    // whoever can read a jti could make another token with it: the digest must match
    const isItself = typeof digest === 'string' && equalInConstantTime(digestOf(token), digest);
    return isItself && this.#counts(token) ? record : undefined;
  }

  /**
   * Whether a token is still valid: a format that was used since the start accepts it, or it has the issuer and a published key of the server. If no
   * format judges tokens, and the server has no issuer or keys, it is valid.
   */
  #counts(token: string): boolean {
    const { issuer, keys } = this.#issuer;
    const judges = [...this.#known].filter((format) => format.counts);
    if (judges.some((format) => format.counts?.(token, this.#issuer))) return true;
    return issuer !== undefined && keys ? isPublishedBy({ issuer, keys }, token) : judges.length === 0;
  }

  /** Finds tokens from before digests were stored, and tokens of the application's own formats. */
  async #findByFormat(token: string, get: Get): Promise<StoredRecord | undefined> {
    for (const format of this.#known) {
      const id = await format.idOf(token, this.#issuer);
      const record = id === undefined ? undefined : await get(id);
      if (record) return record;
    }
    return undefined;
  }
}
