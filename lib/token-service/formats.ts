/** How access tokens look, and how a token is found, whatever the configuration was when it was made. */
import type { JWTPayload } from 'jose';
import { claimsIn, readJWS } from '../keys/jws.js';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { type AccessTokens, type IssuerFacts, opaque } from './access-token.js';
import { keptIn } from './kept.js';
import { isPublishedBy } from './published.js';
import { digestOf, idOf, idOfJTI, isJTI, isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';

/**
 * How the access tokens for an API look, where APIs differ. It gives the same value for the same API each time.
 *
 * @param audience the APIs that the token request names, if it does
 */
export type AccessTokensFor<C> = (audience: readonly string[] | undefined, client: C) => AccessTokens;

/** Formats that are remembered, for tokens that only they can read. */
const MOST = 100;

/** Reads a record of the store. */
type Get = (id: string) => Promise<StoredRecord | undefined>;

/** What a JWT says of itself, of which nothing is verified; undefined for what is no JWT. */
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
   * How the token of a request looks.
   *
   * @param said what the server says of tokens for this audience
   * @throws TypeError where the application's function gives no format
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

  /** The record of a token, by whichever format can read it. */
  async find(token: string, get: Get): Promise<StoredRecord | undefined> {
    // tokens of our own formats say by themselves what they are stored under
    const record = await (isOfKind('access_token', token) ? get(idOf(token)) : this.#findByJTI(token, get));
    return record ?? this.#findByFormat(token, get);
  }

  async #findByJTI(token: string, get: Get): Promise<StoredRecord | undefined> {
    const jti = jtiIn(token);
    const record = jti === undefined ? undefined : await get(idOfJTI(jti));
    const { digest } = (record && keptIn(record.data)) ?? {};
    // others can read a jti, and make another token with it
    const isItself = typeof digest === 'string' && equalInConstantTime(digestOf(token), digest);
    return isItself && this.#counts(token) ? record : undefined;
  }

  /**
   * Whether a token counts still: one of the formats that were used since the start takes it, or it is of the issuer and the keys of the server. Where no
   * format looks and the server says neither, it does.
   */
  #counts(token: string): boolean {
    const { issuer, keys } = this.#issuer;
    const judges = [...this.#known].filter((format) => format.counts);
    if (judges.some((format) => format.counts?.(token, this.#issuer))) return true;
    return issuer !== undefined && keys ? isPublishedBy({ issuer, keys }, token) : judges.length === 0;
  }

  /** Tokens that were made before they were known by their digest, and those of formats of the application's own. */
  async #findByFormat(token: string, get: Get): Promise<StoredRecord | undefined> {
    for (const format of this.#known) {
      const id = await format.idOf(token, this.#issuer);
      const record = id === undefined ? undefined : await get(id);
      if (record) return record;
    }
    return undefined;
  }
}
