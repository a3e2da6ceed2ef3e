/**
 * What a store of tokens must do. It is small, and its hard requirement is atomicity; the contract suite in
 * `koauthorize/testing` proves a store.
 */

/** What a record stands for. A `jti` is no credential: it notes that something which others made was used. */
export type TokenKind = 'code' | 'access_token' | 'refresh_token' | 'jti';

/**
 * One token or code that was handed out, without the credential itself, or one thing that was used: JSON-safe.
 *
 * IDs have the form `tag.rest`. All records of one authorization, and the authorization's own ID, share their tag, so that a
 * store in parts (a Redis cluster) can keep them in one part; other stores need not look inside.
 */
export interface TokenRecord {
  /** The tag, a dot, and the SHA-256 of the credential in base64url. */
  readonly id: string;
  readonly kind: TokenKind;
  /** Ties together everything that came from one act of authorization. */
  readonly authorizationID: string;
  readonly clientID: string;
  /** The user who authorized it; absent when it is the client's own. */
  readonly subject?: string | undefined;
  /** Epoch seconds from which on it is as if it had never been. */
  readonly expiresAt: number;
  /** What the token service keeps with it: any JSON. */
  readonly data: unknown;
}

/** A record as it is read. */
export interface StoredRecord extends TokenRecord {
  /** Epoch seconds at which it was consumed. */
  readonly consumedAt?: number | undefined;
  /** What the one who consumed it left for those who come after. */
  readonly seal?: string | undefined;
}

export interface Consumption {
  /** The time, in epoch seconds. */
  readonly now: number;
  /** Left with the consumed record. */
  readonly seal?: string | undefined;
  /** Records that take its place: stored if, and only if, this call is the first. Of the same authorization. */
  readonly next?: readonly TokenRecord[] | undefined;
}

export interface Consumed {
  /** Whether this call consumed it. */
  readonly first: boolean;
  /** The record as it is now: with the seal and time of whoever was first. */
  readonly record: StoredRecord;
}

/**
 * Keeps what was handed out. Every method is one round trip to where the records are.
 *
 * The hard requirement: of concurrent `consume` calls for one ID exactly one is told that it was first, across processes; its
 * `next` is stored with it, all or nothing, and whoever is told that it was not first can read that `next`. What was resolved is
 * not lost as long as the store promises to keep anything.
 *
 * After `revoke(authorizationID)` has resolved, no record of that authorization is ever returned again, neither one that was there
 * nor one that a concurrent or later `put` or `consume` brings. Expired records are never returned, and are removed by themselves.
 */
export interface TokenStore {
  /** Says that it waits for nothing outside of this process's memory, so that nobody need watch how long it takes. */
  readonly answersAtOnce?: boolean;
  /** Stores the records, all or none; they are of one authorization. A live record of the same ID is never replaced. */
  put(records: readonly TokenRecord[], now: number): Promise<void>;
  /** The record of that ID, consumed or not, unless it expired or its authorization was revoked. */
  get(id: string, now: number): Promise<StoredRecord | undefined>;
  /** Consumes the record of that ID, unless it expired or its authorization was revoked. */
  consume(id: string, consumption: Consumption): Promise<Consumed | undefined>;
  /** Removes one record. Unknown IDs are no error. */
  remove(id: string): Promise<void>;
  /**
   * Ends an authorization.
   *
   * @param until epoch seconds after which nothing of it can be live any more, so that it may be forgotten
   */
  revoke(authorizationID: string, until: number): Promise<void>;
  /** All live records of a user that were not consumed, for a page of connected applications. */
  list(subject: string, now: number): Promise<readonly StoredRecord[]>;
  /** Ends the store's own timers and whatever it opened itself; what was handed in is its giver's to close. */
  close(): Promise<void>;
}

/** A store that has no room, or cannot be reached: the client is told to try again later. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  /** Koa's and the toolkit's word for it: 503. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter = 1, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}
